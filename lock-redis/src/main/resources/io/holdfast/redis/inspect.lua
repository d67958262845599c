-- Looks a name up and writes nothing -> what describe says
return describe(state)
