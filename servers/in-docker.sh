#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a command with a container engine and images of the servers, on a machine that has neither.
set -euo pipefail

usage() {
    cat <<'HELP'
usage: servers/in-docker.sh COMMAND [ARGUMENT...]

Runs COMMAND with holdfast's servers to be had from a container engine.

Where an engine answers, COMMAND runs with that engine, which pulls public images.
Elsewhere, as root on Debian: installs Debian's engine (servers/install.sh --docker),
starts it in namespaces of its own (network, mounts, processes), makes images from the
installed programs, runs COMMAND in there, without a network, and ends the engine.
The images are called holdfast-local/NAME:VERSION-debian, so that nobody takes them for
the public ones.

Exit codes: COMMAND's; 69 no engine can be had here; 2 wrong use.
HELP
}

case ${1:-} in
    '' | --help | -h)
        usage
        [[ $# -gt 0 ]] && exit 0 || exit 2
        ;;
esac

fail() {
    echo "servers/in-docker.sh: $1" >&2
    exit "${2:-1}"
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=${HOLDFAST_SERVERS_PREFIX:-${HOME:-/root}/.cache/holdfast/servers}

if [[ $1 != --inside ]]; then
    if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
        exec "$@"
    fi
    [[ $(id -u) == 0 ]] || fail "no container engine answers, and only root can start one" 69
    "$here/install.sh" --docker || exit $?
    # What is started inside ends with the namespace of processes, even if this script is killed.
    exec unshare --net --mount --pid --fork --mount-proc --kill-child -- "$0" --inside "$@"
fi
shift

ip link set lo up
run=$(mktemp -d)
mkdir -p "$prefix/docker"
export DOCKER_HOST=unix://$run/docker.sock
dockerd --host "$DOCKER_HOST" --data-root "$prefix/docker/data" --exec-root "$run/exec" --pidfile "$run/pid" \
    >"$prefix/docker/log" 2>&1 &
engine=$!

finish() {
    local status=$?
    kill "$engine" 2>/dev/null || true
    wait "$engine" || true
    rm -rf "$run"
    exit $status
}
trap finish EXIT
for _ in $(seq 300); do
    ! docker info >/dev/null 2>&1 || break
    kill -0 "$engine" 2>/dev/null || fail "the engine has ended: $(tail -n 3 "$prefix/docker/log")"
    sleep 0.1
done
docker info >/dev/null 2>&1 || fail "the engine does not answer after 30 s, see $prefix/docker/log"

# image VARIABLE NAME VERSION [PROGRAM FILE...]: an image in which PROGRAM (as the public image calls it) runs the first FILE.
# Made once for each state of this script.
recipe=$(sha256sum "${BASH_SOURCE[0]}" | cut -c1-16)
image() {
    local variable=$1 tag=holdfast-local/$2:$3-debian program=${4:-} root=$run/root
    shift 3
    export "$variable=$tag"
    [[ $(docker image inspect -f '{{index .Config.Labels "holdfast.recipe"}}' "$tag" 2>/dev/null) != "$recipe" ]] || return 0
    rm -rf "$root"
    cp -a "$prefix/image-base" "$root"
    if [[ -n $program ]]; then
        shift
        mkdir -p "$root/servers/bin" "$root/servers/names"
        for file in "$@"; do
            cp -a "$prefix/$file" "$root/servers/$file"
        done
        ln -s "../$1" "$root/servers/names/$program"
    fi
    tar -C "$root" -c . | docker import --change "LABEL holdfast.recipe=$recipe" \
        --change 'ENV PATH=/servers/names:/bin JAVA_HOME=/servers/jre' - "$tag" >/dev/null
    rm -rf "$root"
    echo "servers: image $tag"
}

# version PROGRAM ARGUMENT: the first number with dots that it says.
version() {
    "$prefix/bin/$1" "$2" | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1
}

jre() {
    local jdk
    [[ ! -e $prefix/.stamp/jre-$recipe ]] || return 0
    jdk=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
    rm -rf "$prefix/jre"
    "$jdk/bin/jlink" --output "$prefix/jre" --strip-debug --no-header-files --no-man-pages --add-modules \
        java.base,java.logging,java.management,java.naming,java.security.sasl,java.security.jgss,java.xml,jdk.crypto.ec,jdk.unsupported
    : >"$prefix/.stamp/jre-$recipe"
}

jre
image HOLDFAST_SERVERS_IMAGE_ROOM base bookworm
image HOLDFAST_SERVERS_IMAGE_REDIS_7 redis "$(version redis-server --version)" redis-server bin/redis-server redis-7
image HOLDFAST_SERVERS_IMAGE_REDIS_8 redis "$(version redis-server-8 --version)" redis-server bin/redis-server-8 redis-8
image HOLDFAST_SERVERS_IMAGE_VALKEY_8 valkey "$(version valkey-server-8 --version)" valkey-server bin/valkey-server-8 redis-8
image HOLDFAST_SERVERS_IMAGE_ETCD_3_4 etcd "$(version etcd --version)" etcd bin/etcd etcd-3.4
image HOLDFAST_SERVERS_IMAGE_ETCD_3_5 etcd "$(version etcd-3.5 --version)" etcd bin/etcd-3.5 etcd-3.5
image HOLDFAST_SERVERS_IMAGE_CONSUL_1_8 consul "$(version consul version)" consul bin/consul consul
image HOLDFAST_SERVERS_IMAGE_ZOOKEEPER_3_9 zookeeper \
    "$(basename "$prefix"/.stamp/zookeeper-* | sed 's/^zookeeper-//')" zkServer.sh bin/zkServer.sh zookeeper jre

# In a container itself, Testcontainers would look for its gateway with an image from a registry. Its reaper is an image too;
# what a killed run leaves behind ends with the engine.
export TESTCONTAINERS_HOST_OVERRIDE=localhost TESTCONTAINERS_RYUK_DISABLED=true
export TESTCONTAINERS_CHECKS_DISABLE=true TESTCONTAINERS_PULL_TIMEOUT=5
"$@"
