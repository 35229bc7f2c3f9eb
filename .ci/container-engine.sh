#!/usr/bin/env bash
# Makes sure that `sam local invoke --skip-pull-image` finds a container engine and an image for provided.al2023.
# An engine that answers is used; else one is started, whose process id is in the file `pid` of its folder. The image comes from its
# public registry; where that is out of reach, a stand-in is made from this machine's own C library and shell.
# The stand-in is not Amazon Linux: it shows that the function starts and answers in a container, no more.
# Exit status 77: no engine can be started here.
set -euo pipefail

image=public.ecr.aws/lambda/provided:al2023-x86_64
data=${CI_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/greenroom-ci}/container-engine

if ! docker info >/dev/null 2>&1; then
    [ "$(id -u)" -eq 0 ] || { echo "no container engine answers, and only root could start one"; exit 77; }
    mkdir -p "$data"
    echo "+ dockerd &"
    setsid nohup dockerd --data-root "$data/data" --exec-root "$data/exec" --pidfile "$data/pid" \
        --bip 172.17.0.1/16 </dev/null >"$data/log" 2>&1 &
    for _ in $(seq 150); do
        docker info >/dev/null 2>&1 && break
        sleep 0.2
    done
    docker info >/dev/null 2>&1 || { echo "dockerd does not start:"; tail -n 5 "$data/log"; exit 77; }
fi
echo "container engine: $(docker version --format '{{.Server.Version}}')"

# The label tells a stand-in of an earlier run, which is made anew: the functions' libraries may have changed.
if [ "$(docker image inspect --format '{{index .Config.Labels "stand-in"}}' "$image" 2>/dev/null)" != yes ] &&
    { docker image inspect "$image" >/dev/null 2>&1 || timeout 300 docker pull --quiet "$image" 2>/dev/null; }; then
    echo "image: $image"
    exit 0
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,etc,tmp,opt,var/task,var/runtime,var/rapid}
chmod 1777 "$root/tmp"
cp /bin/busybox "$root/bin/busybox"
# What SAM's own layer on top of the image calls.
for command in sh mv chmod cp rm mkdir; do ln -s busybox "$root/bin/$command"; done
# The libraries that the built functions ask for, at the places where they look.
for bootstrap in .aws-sam/build/*/bootstrap; do ldd "$bootstrap"; done |
    grep -o '/[^ ]*' | sort -u | xargs cp --parents --dereference --target-directory "$root"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
tar -C "$root" -c . | docker import --change 'WORKDIR /var/task' \
    --change 'LABEL stand-in=yes' \
    --change 'ENV PATH=/bin LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime TZ=:UTC' - "$image" >/dev/null
echo "image: a stand-in for $image, which cannot be pulled from here"
