#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The servers that Holdfast's tests run against, from Debian's archive and Maven Central.
set -euo pipefail

usage() {
    cat <<'HELP'
usage: servers/install.sh [--prefix DIR] [--force] [--docker] [--help]

Unpacks beside the system, into DIR/bin, what is not there yet; needs root and Debian:
  redis-server, redis-sentinel, redis-cli      7.0   from bookworm
  redis-server-8, redis-cli-8, valkey-server-8 8.x   from trixie, on trixie's own C library
  etcd, etcdctl / etcd-3.5, etcdctl-3.5        3.4 from bookworm / 3.5 from trixie
  consul                                       1.8   from bullseye
  postgres-15                                  15    from bookworm; serves a directory, and is no root in it
  mariadbd-10.11                               10.11 from bookworm; serves a directory
  pgbouncer                                    1.18  from bookworm; is no root
  zkServer.sh                                  3.9   from Maven Central, needs mvn and a JDK
and DIR/lib/clockshim.so, which moves the clock of a Redis server, where gcc is.
Nothing goes into the system: packages are unpacked, no script of theirs runs, no
daemon starts, no package source is added.

  --prefix DIR  where to (default: $HOLDFAST_SERVERS_PREFIX, else
                ~/.cache/holdfast/servers); no spaces. The directory can be moved
  --force       install again what is there
  --docker      also DIR/image-base, the files of a small image, and docker.io and
                iptables, into the system; starts no engine, for which it puts a
                /usr/sbin/policy-rc.d there meanwhile, unless there is one
  --help        this text

Exit codes: 0 all is there; 1 something failed; 2 wrong use; 69 not possible here.
HELP
}

prefix=${HOLDFAST_SERVERS_PREFIX:-${HOME:-/root}/.cache/holdfast/servers}
force=false
docker=false
while (($# > 0)); do
    case $1 in
        --prefix)
            prefix=${2:?--prefix needs a directory}
            shift
            ;;
        --force) force=true ;;
        --docker) docker=true ;;
        --help | -h)
            usage
            exit 0
            ;;
        *)
            echo "servers/install.sh: unknown option $1" >&2
            usage >&2
            exit 2
            ;;
    esac
    shift
done
prefix=$(realpath -m "$prefix")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
    echo "servers/install.sh: $1" >&2
    exit "${2:-1}"
}
say() { echo "servers: $*"; }

[[ $prefix != *[[:space:]]* ]] || fail "the prefix must have no spaces: $prefix" 2
mkdir -p "$prefix/bin" "$prefix/lib" "$prefix/.stamp"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Two runs at once would unpack over each other.
exec 9>"$prefix/.lock"
flock 9

# ready NAME BINARY ARGUMENT: whether it is installed and answers.
ready() {
    [[ $force == false && -e $prefix/.stamp/$1 ]] && "$prefix/bin/$2" "$3" >/dev/null 2>&1
}

# installed NAME VERSION: as the program says it; one that was not fetched whole says nothing.
installed() {
    [[ $2 == *[0-9]* ]] || fail "$1 was unpacked under $prefix, and does not run"
    : >"$prefix/.stamp/$1"
    say "$1: $2"
}

require_debian() {
    [[ $(id -u) == 0 ]] || fail "not root, so apt-get cannot fetch what is missing under $prefix" 69
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "no Debian: no apt-get, no dpkg" 69
    case $(dpkg --print-architecture) in
        amd64) triplet=x86_64-linux-gnu loader=ld-linux-x86-64.so.2 ;;
        arm64) triplet=aarch64-linux-gnu loader=ld-linux-aarch64.so.1 ;;
        *) fail "no packages are known for the architecture $(dpkg --print-architecture)" 69 ;;
    esac
}

# apt_for SUITE: sets "apt" to options for that suite, with lists and caches of its own. The address of the archive is the one
# this machine uses for its own release.
apt_for() {
    local suite=$1 own source
    source=$scratch/$suite.sources
    if [[ ! -e $source ]]; then
        own=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
        sed '/^#/d' /etc/apt/sources.list.d/*.sources 2>/dev/null |
            awk -v RS= -v own="$own" '$0 ~ "(^|\n)Suites:([^\n]*[ \t])?" own "([ \t\n]|$)" { print; exit }' |
            sed "s/^Suites:.*/Suites: $suite/; s/^Components:.*/Components: main/" >"$source"
        [[ -s $source ]] || fail "no *.sources file in /etc/apt/sources.list.d names the suite '$own'" 69
    fi
    mkdir -p "$scratch/$suite/lists/partial" "$scratch/$suite/cache/archives/partial"
    # No status file: apt would take a newer installed version for the candidate.
    apt=(-qq -o Dir::Etc::SourceParts=/dev/null -o "Dir::Etc::SourceList=$source"
        -o "Dir::State::Lists=$scratch/$suite/lists" -o "Dir::Cache=$scratch/$suite/cache"
        -o Dir::State::status=/dev/null -o APT::Sandbox::User=root -o Acquire::Languages=none
        -o Acquire::Retries=3 -o DPkg::Post-Invoke::= -o APT::Update::Post-Invoke::=)
    if [[ ! -e $scratch/$suite/updated ]]; then
        apt-get "${apt[@]}" update
        : >"$scratch/$suite/updated"
    fi
}

# unpack SUITE DIRECTORY PACKAGE...: into the directory under the prefix.
unpack() {
    local suite=$1 to=$prefix/$2 debs
    shift 2
    require_debian
    apt_for "$suite"
    debs=$(mktemp -d -p "$scratch")
    (cd "$debs" && apt-get "${apt[@]}" download "$@")
    rm -rf "$to"
    mkdir -p "$to"
    for deb in "$debs"/*.deb; do
        dpkg -x "$deb" "$to"
    done
    rm -rf "$debs" "$to"/usr/share/{doc,man,lintian}
}

# wrapper NAME COMMAND: a script that ends in exec, so that its process is the server's. @P@ is the prefix, found when it runs.
wrapper() {
    # shellcheck disable=SC2016
    {
        printf '#!/bin/sh\np=$(readlink -f "$0")\np=${p%%/bin/*}\n'
        printf 'exec %s "$@"\n' "${2//@P@/\$p}"
    } >"$prefix/bin/$1.new"
    chmod 755 "$prefix/bin/$1.new"
    mv -f "$prefix/bin/$1.new" "$prefix/bin/$1"
}

# own_libc_wrapper NAME DIRECTORY BINARY ROLE: runs on the C library unpacked in the same directory. Debian's Redis programs
# are one binary, and the name it is called by chooses its role.
own_libc_wrapper() {
    local ld
    # The regular file: /lib64/ld-... is an absolute link, to the machine's own.
    ld=$(find "$prefix/$2" -name "$loader" -type f | sed -n 1p)
    [[ -n $ld ]] || fail "no $loader in $prefix/$2"
    wrapper "$1" "@P@/${ld#"$prefix"/} --library-path @P@/$2/lib/$triplet:@P@/$2/usr/lib/$triplet --argv0 $4 @P@/$2/$3"
}

redis_libraries=(libc6 libatomic1 libjemalloc2 liblzf1 libsystemd0 libstdc++6 libgcc-s1 libcap2 libzstd1)

install_redis_7() {
    unpack bookworm redis-7 redis-tools libssl3 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 "${redis_libraries[@]}"
    own_libc_wrapper redis-server redis-7 usr/bin/redis-check-rdb redis-server
    own_libc_wrapper redis-sentinel redis-7 usr/bin/redis-check-rdb redis-sentinel
    own_libc_wrapper redis-cli redis-7 usr/bin/redis-cli redis-cli
    installed redis-7 "$("$prefix/bin/redis-server" --version)"
}

install_redis_8() {
    unpack trixie redis-8 redis-tools valkey-tools libssl3t64 zlib1g "${redis_libraries[@]}"
    own_libc_wrapper redis-server-8 redis-8 usr/bin/redis-check-rdb redis-server
    own_libc_wrapper redis-sentinel-8 redis-8 usr/bin/redis-check-rdb redis-sentinel
    own_libc_wrapper redis-cli-8 redis-8 usr/bin/redis-cli redis-cli
    own_libc_wrapper valkey-server-8 redis-8 usr/bin/valkey-check-rdb valkey-server
    own_libc_wrapper valkey-cli-8 redis-8 usr/bin/valkey-cli valkey-cli
    installed redis-8 "$("$prefix/bin/redis-server-8" --version); $("$prefix/bin/valkey-server-8" --version)"
}

# install_etcd SUITE VERSION SUFFIX
install_etcd() {
    unpack "$1" "etcd-$2" etcd-server etcd-client
    wrapper "etcd$3" "@P@/etcd-$2/usr/bin/etcd"
    wrapper "etcdctl$3" "env ETCDCTL_API=3 @P@/etcd-$2/usr/bin/etcdctl"
    installed "etcd-$2" "$("$prefix/bin/etcd$3" --version | sed -n 1p)"
}

install_consul() {
    unpack bullseye consul consul
    wrapper consul "@P@/consul/usr/bin/consul"
    installed consul "$("$prefix/bin/consul" version | sed -n 1p)"
}

# PostgreSQL does not run as root. In a user namespace of its own it is nobody, to whom what is root's belongs; where there is no such
# namespace, as in most containers, it really is nobody, and has a copy of the programs where nobody may go.
install_postgresql() {
    unpack bookworm postgresql-15 postgresql-15 libpq5 libxml2 libicu72 libssl3 libldap-2.5-0 libsasl2-2 libgssapi-krb5-2 \
        libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1 libpam0g libaudit1 libcap-ng0 libsystemd0 libcap2 \
        libgcrypt20 libgpg-error0 liblz4-1 libzstd1 liblzma5 zlib1g libgcc-s1 libstdc++6 libbsd0 libmd0
    cat >"$prefix/bin/postgres-15" <<'SCRIPT'
#!/bin/sh
# usage: postgres-15 --version | DIRECTORY [OPTION OF POSTGRES]...
p=$(readlink -f "$0")
p=${p%/bin/*}/postgresql-15
data=${1:-}
nobody=
if [ "$(id -u)" -eq 0 ] && [ -d "$data" ]; then
    nobody="unshare --user --map-user=65534 --map-group=65534 --"
    if [ -n "${HOLDFAST_NO_NAMESPACE:-}" ] || ! $nobody true 2>/dev/null; then
        nobody="setpriv --reuid=65534 --regid=65534 --clear-groups --"
        node=$(dirname "$data")
        chown 65534:65534 "$data" && chmod a+x "$node" "$(dirname "$node")" || exit
        [ -e "$node/program" ] || cp -r "$p" "$node/program" || exit
        p=$node/program
    fi
fi
programs=$p/usr/lib/postgresql/15/bin
LD_LIBRARY_PATH=$(echo "$p"/usr/lib/*-linux-gnu):$(echo "$p"/lib/*-linux-gnu)
export LD_LIBRARY_PATH
if [ "$data" = --version ] || [ $# -eq 0 ]; then
    exec "$programs/postgres" --version
fi
shift
# A directory that was made half-way is made anew: the last file tells.
if [ ! -e "$data/made" ]; then
    find "$data" -mindepth 1 -delete
    # shellcheck disable=SC2086
    $nobody "$programs/initdb" -D "$data" -L "$p/usr/share/postgresql/15" -U root -A trust -E UTF8 --locale=C --no-sync >&2 || exit
    : >"$data/made"
fi
# shellcheck disable=SC2086
exec $nobody "$programs/postgres" -D "$data" "$@"
SCRIPT
    chmod 755 "$prefix/bin/postgres-15"
    installed postgresql-15 "$("$prefix/bin/postgres-15" --version)"
}

# It runs as root where it is told so, unlike PostgreSQL.
install_mariadb() {
    unpack bookworm mariadb-10.11 mariadb-server-core libaio1 libcrypt1 libgcc-s1 libnuma1 libpcre2-8-0 libssl3 libstdc++6 libsystemd0 \
        libcap2 libgcrypt20 libgpg-error0 liblz4-1 libzstd1 liblzma5 liburing2 zlib1g
    cat >"$prefix/bin/mariadbd-10.11" <<'SCRIPT'
#!/bin/sh
# usage: mariadbd-10.11 --version | DIRECTORY [OPTION OF MARIADBD]...
p=$(readlink -f "$0")
p=${p%/bin/*}/mariadb-10.11
LD_LIBRARY_PATH=$(echo "$p"/usr/lib/*-linux-gnu):$(echo "$p"/lib/*-linux-gnu)
export LD_LIBRARY_PATH
data=${1:-}
if [ "$data" = --version ] || [ $# -eq 0 ]; then
    exec "$p/usr/sbin/mariadbd" --no-defaults --version
fi
shift
share=$p/usr/share/mysql
set -- --no-defaults "--user=$(id -un)" "--datadir=$data" "--lc-messages-dir=$share" "--character-sets-dir=$share/charsets" "$@"
# A directory that was made half-way is made anew: the last file tells.
if [ ! -e "$data/made" ]; then
    find "$data" -mindepth 1 -delete
    {
        printf 'CREATE DATABASE mysql;\nUSE mysql;\n'
        cat "$share/mysql_system_tables.sql" "$share/mysql_system_tables_data.sql"
    } | "$p/usr/sbin/mariadbd" "$@" --init-file= --innodb-flush-log-at-trx-commit=0 --bootstrap >&2 || exit
    : >"$data/made"
fi
exec "$p/usr/sbin/mariadbd" "$@"
SCRIPT
    chmod 755 "$prefix/bin/mariadbd-10.11"
    installed mariadb-10.11 "$("$prefix/bin/mariadbd-10.11" --version)"
}

# It does not serve as root, and gives that up by itself where it is told whose it is to be.
install_pgbouncer() {
    unpack bookworm pgbouncer pgbouncer libc-ares2 libevent-2.1-7 libpam0g libaudit1 libcap-ng0 libssl3 libsystemd0 libcap2 libgcrypt20 \
        libgpg-error0 liblz4-1 libzstd1 liblzma5
    cat >"$prefix/bin/pgbouncer" <<'SCRIPT'
#!/bin/sh
# usage: pgbouncer --version | CONFIG
p=$(readlink -f "$0")
p=${p%/bin/*}/pgbouncer
LD_LIBRARY_PATH=$(echo "$p"/usr/lib/*-linux-gnu):$(echo "$p"/lib/*-linux-gnu)
export LD_LIBRARY_PATH
if [ "${1:-}" != --version ] && [ "$(id -u)" -eq 0 ]; then
    set -- --user=nobody "$@"
fi
exec "$p/usr/sbin/pgbouncer" "$@"
SCRIPT
    chmod 755 "$prefix/bin/pgbouncer"
    installed pgbouncer "$("$prefix/bin/pgbouncer" --version | sed -n 1p)"
}

install_zookeeper() {
    command -v mvn >/dev/null || fail "ZooKeeper comes from Maven Central, and mvn is not on the PATH" 69
    rm -rf "$prefix/zookeeper"
    mvn -B -ntp -q -f "$here/zookeeper/pom.xml" dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$prefix/zookeeper/lib"
    # The command line of the script of the same name in ZooKeeper's own distribution, as far as the tests use it.
    cat >"$prefix/bin/zkServer.sh" <<'SCRIPT'
#!/bin/sh
p=$(readlink -f "$0")
p=${p%/bin/*}
if [ "${1:-}" != start-foreground ] || [ $# -ne 2 ]; then
    echo "usage: zkServer.sh start-foreground CONFIG" >&2
    exit 2
fi
# shellcheck disable=SC2086
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" ${SERVER_JVMFLAGS:-} -cp "$p/zookeeper/lib/*" \
    org.apache.zookeeper.server.quorum.QuorumPeerMain "$2"
SCRIPT
    chmod 755 "$prefix/bin/zkServer.sh"
    installed "zookeeper-$zookeeper_version" "$(find "$prefix/zookeeper/lib" -name '*.jar' | wc -l) jars"
}

install_clockshim() {
    if ! command -v gcc >/dev/null; then
        say "clockshim: left out, no gcc"
    elif [[ $force == true || ! $prefix/lib/clockshim.so -nt $here/clockshim.c ]]; then
        gcc -O2 -shared -fPIC -o "$prefix/lib/clockshim.so" "$here/clockshim.c"
        say "clockshim: compiled"
    fi
}

# A shell, a C library, and what a Java runtime links with: enough to run each server in.
install_image_base() {
    unpack bookworm image-base busybox-static libc6 libgcc-s1 libstdc++6 zlib1g
    for name in sh env readlink sleep; do
        ln -sf busybox "$prefix/image-base/bin/$name"
    done
    mkdir -p "$prefix"/image-base/{etc,tmp,proc,sys,dev}
    chmod 1777 "$prefix/image-base/tmp"
    installed image-base "$(du -sh "$prefix/image-base" | cut -f1)"
}

# Into the system, and kept from starting what it installs.
install_docker() {
    local missing=() policy=/usr/sbin/policy-rc.d
    require_debian
    for package in docker.io iptables; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    ((${#missing[@]} > 0)) || return 0
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        # shellcheck disable=SC2064
        trap "rm -rf '$scratch' '$policy'" EXIT
    fi
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
    say "docker: installed ${missing[*]}"
}

zookeeper_version=$(sed -n 's/^  <version>\(.*\)<\/version>/\1/p' "$here/zookeeper/pom.xml")
ready redis-7 redis-server --version || install_redis_7
ready redis-8 redis-server-8 --version || install_redis_8
ready etcd-3.4 etcd --version || install_etcd bookworm 3.4 ""
ready etcd-3.5 etcd-3.5 --version || install_etcd trixie 3.5 -3.5
ready consul consul version || install_consul
ready postgresql-15 postgres-15 --version || install_postgresql
ready mariadb-10.11 mariadbd-10.11 --version || install_mariadb
ready pgbouncer pgbouncer --version || install_pgbouncer
if [[ $force == true || ! -e $prefix/.stamp/zookeeper-$zookeeper_version ]]; then
    install_zookeeper
fi
install_clockshim
if [[ $docker == true ]]; then
    [[ $force == false && -e $prefix/.stamp/image-base ]] || install_image_base
    command -v dockerd >/dev/null && command -v iptables >/dev/null || install_docker
fi
say "all there: $prefix/bin"
