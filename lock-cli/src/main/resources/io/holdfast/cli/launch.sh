# SPDX-License-Identifier: Apache-2.0
# Becomes COMMAND once the guard is armed. The tool starts it by setsid, so $$ is a session and a process group of its own.
# $1 the FIFO  $2 the guard's text  $3 and $4 what the guard says  $5... COMMAND
fifo=$1 guard=$2 gone=$3 late=$4
shift 4
# Opening a FIFO to read waits for a writer; the tool is one while it lives. Being one ourselves for a moment, we never wait for
# a tool that was killed meanwhile: reading then ends at once.
[ -p "$fifo" ] || {
    echo "holdfast: $fifo is gone, so the command was not run" >&2
    exit 125
}
exec 3<>"$fifo" 4<"$fifo" 3>&-
# The guard leaves this session, so that neither COMMAND's end nor the terminal reaches it. It answers when it has the deadline
# and watches; the substitution ends with that, since the guard then lets go of its output.
armed=$(setsid /bin/sh -c "$guard" holdfast-guard "$$" "$fifo" "$gone" "$late" <&4 4<&- &)
if [ "$armed" != armed ]; then
    echo "holdfast: the guard did not start, so the command was not run" >&2
    exit 125
fi
exec 4<&-
exec "$@"
