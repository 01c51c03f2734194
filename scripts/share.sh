#!/usr/bin/env bash
# An SMB share of this machine's own, for tests. Everything lies below DIR; only the loopback reaches it.
#   share.sh start DIR    starts server and client, and prints the mounted folder
#   share.sh mount DIR    one more client, as on another PC, and prints its mounted folder
#   share.sh down DIR     kills the server; the clients stay, and so does what they have open
#   share.sh up DIR       starts the server again, and waits until every client reaches it
#   share.sh reach DIR    waits until every client reaches the server
#   share.sh stop DIR     ends all of it
# Needs root, /dev/fuse, smbd, smbnetfs and fusermount.
set -euo pipefail
export LC_ALL=C.UTF-8

usage() {
  echo "usage: share.sh start|mount|down|up|reach|stop DIR" >&2
  exit 2
}

# until_true COMMAND…: whether it succeeds within ten seconds or so.
until_true() {
  local _
  for _ in {1..100}; do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  return 1
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }
lists() { timeout 5 ls "$1"; }

# ours NAME: whether the process of that pid file is running and is still the one that was started for this folder.
ours() {
  local pid
  pid=$(cat "$dir/state/$1.pid" 2>/dev/null) || return 1
  tr '\0' ' ' 2>/dev/null <"/proc/${pid// /}/cmdline" | grep -qF -- "$dir/"
}
gone() { ! ours "$1"; }

# end NAME: end the process with its children, which are in a process group of their own.
end() {
  local signal
  for signal in TERM KILL; do
    ours "$1" || break
    kill -s "$signal" -- "-$(tr -d ' ' <"$dir/state/$1.pid")" || true
    until_true gone "$1" || true
  done
  gone "$1"
}

configure() {
  local port=$1
  mkdir -p "$dir"/{export,log,.smb} "$dir"/state/{private,lock,cache,rpc}
  # Server and client read the same file: neither may use the folders of the system's own Samba.
  cat >"$dir/.smb/smb.conf" <<END
[global]
  server role = standalone server
  workgroup = WORKGROUP
  interfaces = 127.0.0.1
  bind interfaces only = yes
  disable netbios = yes
  smb ports = $port
  private dir = $dir/state/private
  lock directory = $dir/state/lock
  state directory = $dir/state
  cache directory = $dir/state/cache
  pid directory = $dir/state
  ncalrpc dir = $dir/state/rpc
  log file = $dir/log/smbd.log
  unix charset = UTF-8
  map to guest = bad user
  load printers = no
  printing = bsd
  printcap name = /dev/null
  disable spoolss = yes
[$share]
  path = $dir/export
  read only = no
  guest only = yes
  guest ok = yes
  force user = root
END
  # No name is special. (With neg_cache off, smbnetfs 0.6.3 hangs before it mounts.)
  cat >"$dir/.smb/smbnetfs.conf" <<'END'
smb_query_browsers "false"
use_libsecret "false"
stat_workaround_enable_default_entries "false"
config_update_period 0
auth "guest" ""
END
  # smbnetfs does not read a file with a password that others can read, even an empty one.
  chmod 600 "$dir/.smb/smbnetfs.conf"
}

# serve: the server, on the port of its configuration.
serve() {
  smbd --daemon --configfile="$dir/.smb/smb.conf" --log-basename="$dir/log" >"$dir/log/start" 2>&1
  until_true answers "$(port)"
  until_true ours smbd
}
port() { sed -n 's/^ *smb ports = //p' "$dir/.smb/smb.conf"; }

# clients: the names of those that were started, which are also their folders.
clients() { (cd "$dir/state" && compgen -G 'mount*.pid' | sed 's/\.pid$//') || true; }
# reached CLIENT: the share as it sees it. The client takes no port from its configuration, but from the host's name.
reached() { printf '%s\n' "$dir/$1/127.0.0.1:$(port)/$share"; }

# client NAME: one that mounts the share in a folder of that name.
client() {
  mkdir -p "$dir/$1"
  HOME=$dir setsid smbnetfs -f -o "config=$dir/.smb/smbnetfs.conf" "$dir/$1" </dev/null >"$dir/log/$1" 2>&1 &
  echo $! >"$dir/state/$1.pid"
  until_true lists "$(reached "$1")"
  reached "$1"
}

start() {
  local port
  stop
  mkdir -p "$dir"
  # smbd shares a port that is taken instead of failing.
  port=$((20000 + RANDOM % 10000))
  while answers "$port" 2>/dev/null; do port=$((20000 + RANDOM % 10000)); done
  configure "$port"
  trap 'stop || true; tail -n 20 "$dir"/log/{log.smbd,mount} >&2' ERR
  serve
  client mount
  trap - ERR
}

down() {
  # It has no time to tell anybody.
  kill -s KILL -- "-$(tr -d ' ' <"$dir/state/smbd.pid")"
  until_true gone smbd
}

up() {
  serve
  reach
}

reach() {
  local name
  for name in $(clients); do until_true lists "$(reached "$name")"; done
}

stop() {
  [[ -d $dir ]] || return 0
  local name
  for name in $([[ ! -d $dir/state ]] || clients); do
    fusermount -u -z "$dir/$name" 2>/dev/null || true
    # It ends by itself once nothing is mounted.
    until_true gone "$name" || end "$name"
  done
  end smbd
  rm -f -- "$dir"/state/{smbd,mount*}.pid
  if grep -F -- " $dir/mount" /proc/self/mounts >&2; then
    echo "still mounted" >&2
    return 1
  fi
}

[[ $# -eq 2 && -n $2 ]] || usage
dir=$(realpath -m -- "$2")
share=share
case $1 in
  start) start ;;
  mount) client "mount$(clients | wc -l)" ;;
  down) down ;;
  up) up ;;
  reach) reach ;;
  stop) stop ;;
  *) usage ;;
esac
