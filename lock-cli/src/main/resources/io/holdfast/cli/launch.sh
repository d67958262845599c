# SPDX-License-Identifier: Apache-2.0
# Becomes COMMAND once the guard is armed. The tool starts it by setsid, so $$ is a session and a process group of its own.
# $1 the FIFO  $2 the guard's text  $3 to $6 what the guard says  $7 redirections, a line each, that open descriptors for COMMAND
# $8 setsid  $9... COMMAND. Variables whose names no shell can have come as _HOLDFAST_ODD_1 to $_HOLDFAST_ODD, as NAME=VALUE. The names of
# those here begin with "_": one of the user's with the same name would reach COMMAND changed.
_fifo=$1 _guard=$2 _gone=$3 _late=$4 _gone_alive=$5 _late_alive=$6 _opened=$7 _setsid=$8
shift 8
# Opening a FIFO to read waits for a writer; the tool is one while it lives. Being one ourselves for a moment, we never wait for
# a tool that was killed meanwhile: reading then ends at once.
[ -p "$_fifo" ] || {
    printf '%s\n' "holdfast: $_fifo is gone, so the command was not run" >&2
    exit 125
}
exec 3<>"$_fifo" 4<"$_fifo" 3>&-
# The guard leaves this session, so that neither COMMAND's end nor the terminal reaches it. It answers when it has the deadline
# and watches; the substitution ends with that, since the guard then lets go of its output. It looks for its programs where the
# system has them, whatever the caller's PATH finds first.
_armed=$(PATH=/usr/bin:/bin${PATH:+:$PATH} "$_setsid" /bin/sh -c "$_guard" holdfast-guard "$$" "$_fifo" "$_gone" "$_late" "$_gone_alive" "$_late_alive" \
    <&4 4<&- &)
if [ "$_armed" != armed ]; then
    echo "holdfast: the guard did not start, so the command was not run" >&2
    exit 125
fi
exec 4<&-
IFS='
'
for _one in $_opened; do
    # One that cannot be opened any more stays closed; a failing exec would end this shell.
    ! (eval "exec $_one") 2>/dev/null || eval "exec $_one"
done
unset IFS
_odd=${_HOLDFAST_ODD:-0}
_env=/usr/bin/env _nice=/usr/bin/nice
[ -x "$_env" ] || _env=env
[ -x "$_nice" ] || _nice=nice
unset _HOLDFAST_ODD
[ "$_odd" -eq 0 ] || case $1 in
    *=*) set -- "$_nice" -n 0 "$@" ;; # env would take COMMAND for one more variable
esac
[ "$_odd" -eq 0 ] || set -- "$_env" -- "$@"
while [ "$_odd" -gt 0 ]; do
    eval "_one=\$_HOLDFAST_ODD_$_odd"
    unset "_HOLDFAST_ODD_$_odd"
    shift 2
    set -- "$_env" -- "$_one" "$@"
    _odd=$((_odd - 1))
done
exec "$@"
