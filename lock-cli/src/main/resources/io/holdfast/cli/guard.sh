# SPDX-License-Identifier: Apache-2.0
# Kills the session of COMMAND when the tool is gone or the lease is over. Its input is the FIFO that only the tool writes.
# $1 the session  $2 the FIFO  $3 what to say when the tool is gone, $4 when the lease is over, $5 and $6 in their place when
# somebody could not be killed, with @PIDS@ for who (nothing when empty)
# It reads "deadline CENTISECONDS" of machine uptime or "deadline none", first of all; "signal NAME"; "kill"; "end".
session=$1 fifo=$2 gone=$3 late=$4 gone_alive=$5 late_alive=$6
# The tool says when the guard ends, no terminal or service manager. PIPE: nobody reading what it says must not stop it.
trap '' HUP INT QUIT TERM PIPE USR1 USR2 TSTP TTIN TTOU
cd /

# What a /proc/PID/stat says after the name, state first, in $fields. A name may hold anything, even line ends.
fields_of() {
    fields=
    while read -r line; do fields="$fields $line"; done
    fields=${fields##*) }
}

# When the session's leader began, in $began; false when there is none.
began() {
    began=
    { fields_of <"/proc/$session/stat"; } 2>/dev/null || return 1
    # shellcheck disable=SC2086
    set -- $fields
    began=${20}
}
began
birth=$began

# The number of a session stays taken while anybody is in it. A leader that began at another time shows that it was empty and
# its number given to a stranger. The group goes first, in one step that no fork escapes; then those of the session that have
# groups of their own, as timeout(1) and shells with job control make. Rounds are bounded: who hangs in the kernel dies later.
slay() {
    if began && [ "$began" != "$birth" ]; then return; fi
    kill -s KILL -- "-$session" 2>/dev/null
    round=0
    while [ "$round" -lt 50 ] && strays; do
        round=$((round + 1))
        [ "$round" -lt 5 ] || sleep 0.02
    done
}

# Kills whoever is in the session now; false when nobody was.
strays() {
    none=1
    for file in /proc/[0-9]*/stat; do
        { fields_of <"$file"; } 2>/dev/null || continue
        # shellcheck disable=SC2086
        set -- $fields
        [ "${4:-}" = "$session" ] || continue
        case $1 in [ZX]) continue ;; esac
        pid=${file#/proc/}
        kill -s KILL "${pid%/stat}" 2>/dev/null && none=0
    done
    return "$none"
}

# Whoever is still in the session, in $alive: became another user, or hangs in the kernel.
survivors() {
    alive=
    if began && [ "$began" != "$birth" ]; then return; fi
    for file in /proc/[0-9]*/stat; do
        { fields_of <"$file"; } 2>/dev/null || continue
        # shellcheck disable=SC2086
        set -- $fields
        [ "${4:-}" = "$session" ] || continue
        case $1 in [ZX]) continue ;; esac
        pid=${file#/proc/}
        alive="$alive${alive:+, }${pid%/stat}"
    done
}

# say TEXT ALIVE-TEXT: as it is (echo would obey backslashes in a name), and only what is true.
say() {
    text=$1
    # Who got KILL may need a moment to die.
    round=0
    while survivors && [ -n "$alive" ] && [ "$round" -lt 20 ]; do
        round=$((round + 1))
        sleep 0.05
    done
    [ -z "$alive" ] || [ -z "$2" ] || text=${2%@PIDS@*}$alive${2##*@PIDS@}
    [ -z "$text" ] || printf '%s\n' "$text" >&2
}

# How long the machine is up, suspended time included, in $up. The 1 keeps 08 and 09 from being read as octal numbers.
read_uptime() {
    read -r up line </proc/uptime
    up=$((${up%.*} * 100 + 1${up#*.} - 100))
}

# watch DEADLINE: kills when it is reached. It looks every second, for sleep does not count while the machine is suspended.
watch() {
    while read_uptime && left=$(($1 - up)) && [ "$left" -gt 0 ]; do
        [ "$left" -lt 100 ] || left=100
        sleep "$((left / 100)).$((left % 100 / 10))$((left % 10))" 2>/dev/null
    done
    slay
    say "$late" "$late_alive"
}

# The FIFO has done its part once both ends are open: nothing of it stays when all is killed later.
forget() {
    { rm -f -- "$fifo" && rmdir -- "${fifo%/*}"; } 2>/dev/null
}

watcher= armed= ended=
while read -r verb what; do
    case $verb in
        deadline)
            # The new watcher before the end of the old one: there is never none.
            old=$watcher watcher=
            if [ "$what" != none ]; then
                # By exec: a redirected function would keep the old output open, and launch.sh waits for its end.
                (
                    exec </dev/null >/dev/null
                    watch "$what"
                ) &
                watcher=$!
            fi
            [ -z "$old" ] || { kill -s KILL "$old" && wait "$old"; } 2>/dev/null
            ;;
        signal) kill -s "$what" -- "-$session" 2>/dev/null ;;
        kill) slay ;;
        end)
            ended=yes
            break
            ;;
    esac
    if [ -z "$armed" ]; then
        armed=yes
        forget
        echo armed
        exec >/dev/null
    fi
done
if [ -z "$ended" ]; then
    slay
    [ -n "$armed" ] || forget
    say "$gone" "$gone_alive"
fi
# This session: the watcher and its sleep, and the guard itself.
kill -s KILL -- "-$$"
