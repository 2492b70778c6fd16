# What the scripts here share; read with ".", never run. Needs $name (the script's, for messages).

suite=trixie
cache=${FLIPSIDE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/flipside}

say() { printf '%s: %s\n' "$name" "$*" >&2; }
die() { say "$*"; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

need_mmdebstrap() {
  missing=
  command -v mmdebstrap >/dev/null || missing="$missing mmdebstrap"
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing="$missing debian-archive-keyring"
  command -v flock >/dev/null || missing="$missing util-linux"
  command -v zstd >/dev/null || missing="$missing zstd"
  [ "$(id -u)" = 0 ] || command -v newuidmap >/dev/null || missing="$missing uidmap"
  if [ -z "$missing" ]; then
    need_user_ids
    return 0
  fi
  command -v apt-get >/dev/null || die "expected these programs, found none of them:$missing; install them with this system's package tool (mmdebstrap also runs in a Debian container)"
  say "installing$missing"
  log=$(mktemp)
  # shellcheck disable=SC2086 # a list of packages
  if as_root apt-get update -q >"$log" 2>&1 &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >>"$log" 2>&1; then
    rm -f "$log"
    need_user_ids
    return 0
  fi
  tail -n 5 "$log" >&2
  rm -f "$log"
  die "could not install$missing; install them by hand and run this again"
}

# Without root, mmdebstrap unpacks a root file system as the users of a namespace. Of its other modes none makes an initrd.
need_user_ids() {
  [ "$(id -u)" != 0 ] || return 0
  for ids in /etc/subuid /etc/subgid; do
    grep -qE "^($(id -un)|$(id -u)):" "$ids" 2>/dev/null ||
      die "expected a range of ids for user $(id -un) in $ids, found none; add one as root ('usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)'), or run this as root"
  done
}

# The lines of sources.list for the main suite alone, or with its updates: from FLIPSIDE_DEBIAN_MIRROR and
# FLIPSIDE_DEBIAN_SECURITY_MIRROR, else from where this host's own apt has Debian from, else none (mmdebstrap knows the
# public mirrors and both suites).
debian_mirror() { host_mirror "${FLIPSIDE_DEBIAN_MIRROR-}" '/debian/* '; }
security_mirror() { host_mirror "${FLIPSIDE_DEBIAN_SECURITY_MIRROR-}" '/debian-security/* '; }

host_mirror() {
  if [ -n "$1" ]; then
    printf '%s\n' "$1"
  elif command -v apt-get >/dev/null; then
    apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
      sed -n "s#^\(http[^ ]*$2\)main\$#\1#p" | sed 's# $##' | head -n 1
  fi
}

# mmdebstrap with the options on stdin, each ended by a NUL. What it mounts as root goes with it, however it ends: whoever
# removes the folder that a killed run has left would else remove what is in this machine's /sys.
run_mmdebstrap() {
  if [ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null; then
    xargs -0 unshare --mount -- mmdebstrap
  else
    xargs -0 mmdebstrap
  fi
}

# The first lines that mmdebstrap prints on a failure rarely say why; the last ones do.
failed() {
  tail -n 15 "$1" >&2
  die "mmdebstrap failed; expected to reach a Debian mirror and to be root, or allowed user namespaces; the whole log is $1"
}

# tool PROGRAM ARGUMENTS...: a program of the tool tree $tree, by its path in there, through the tree's own loader.
tool() {
  case $(uname -m) in
    x86_64) loader=usr/lib64/ld-linux-x86-64.so.2 libraries=usr/lib/x86_64-linux-gnu ;;
    aarch64) loader=usr/lib/ld-linux-aarch64.so.1 libraries=usr/lib/aarch64-linux-gnu ;;
    *) die "expected x86_64 or aarch64, found $(uname -m)" ;;
  esac
  program=$tree/$1
  shift
  "$tree/$loader" --library-path "$tree/$libraries" "$program" "$@"
}
