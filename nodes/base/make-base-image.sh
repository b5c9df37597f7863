#!/usr/bin/env bash
# Makes the base image of the toolboxes without any image registry.
#
# A toolbox's Dockerfile starts with `ARG BASE_IMAGE=<official image>`. Where that image
# cannot be pulled (air-gapped room, closed network, registry behind a login), this
# script builds an equal one from Debian packages alone, and the toolboxes are built on
# it. `--help` says how.
set -euo pipefail

readonly SCRIPT="${BASH_SOURCE[0]}"
readonly LABEL=bioimageit-flow.base.recipe
# What every base image holds: Python for the Python toolboxes (Debian keeps venv in a
# package of its own) and the certificates that pip and apt need for https.
PACKAGES=(ca-certificates python3 python3-venv)

usage() {
  cat <<'HELP'
Usage: bash make-base-image.sh [options]

Makes a small Debian image with Python by debootstrap and gives it a tag, without any
image registry. Your machine's certificate authorities are added to it, so that pip and
apt work during a build behind a company's proxy.

Needs: root (or sudo), debootstrap, and docker or podman. A repeat with the same options
finds the image made before and does nothing.

  --tag NAME            tag of the image (bioimageit-flow/base:SUITE)
  --suite NAME          Debian release (bookworm)
  --mirror URL          Debian mirror (http://deb.debian.org/debian, or $DEBIAN_MIRROR)
  --security-mirror URL mirror of the security updates (guessed from --mirror)
  --no-updates          the release as published: for a mirror that has nothing else
  --package NAME        a further Debian package; may be repeated
  --env NAME=VALUE      a variable for every build and job, such as
                        PIP_INDEX_URL=https://mirror.example/simple; may be repeated.
                        It can be read by everybody who has the image: no passwords
  --ca-bundle FILE      certificates to trust (this machine's); `none` adds none
  --keyring FILE        keys that sign the mirror (debian-archive-keyring's)
  --engine COMMAND      docker or podman (the first of them that answers)
  --force               make it again, with today's packages, even if it exists
  --save-root FILE      write the file system to FILE (.tar) and stop; needs no engine
  --from-root FILE      make the image from such a file; needs no network and no root
  -h, --help            this text

Proxy: http_proxy, https_proxy and no_proxy are used while the image is made and are not
kept in it. Give them to a build as build arguments of the same names.

Then build the toolboxes on it:
  bioimageit-flow tools build --all --base-image bioimageit-flow/base:bookworm

On a machine with no network at all, build on one that has it and carry the images over:
  docker save bioimageit-flow/skimage:0.1 | gzip > skimage.tar.gz     # there
  docker load < skimage.tar.gz                                        # here
HELP
}

say() { printf 'base image: %s\n' "$*"; }
complain() { printf 'base image: %s\n' "$*" >&2; }
fail() { complain "$@" && exit 1; }
refuse() { complain "$@" && exit 2; } # a wrong use of this script

# ----------------------------------------------------------------------- options
suite=bookworm tag='' mirror="${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
security_mirror='' updates=yes variables=() ca_bundle='' keyring='' engine=''
force=no save_root='' from_root=''

while (($#)); do
  case "$1" in
    -h | --help) usage && exit 0 ;;
    --no-updates) updates=no && shift && continue ;;
    --force) force=yes && shift && continue ;;
    --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
  esac
  (($# > 1)) || refuse "$1 is unknown or lacks its value; --help lists the options"
  case "$1" in
    --tag) tag=$2 ;;
    --suite) suite=$2 ;;
    --mirror) mirror=${2%/} ;;
    --security-mirror) security_mirror=${2%/} ;;
    --package) PACKAGES+=("$2") ;;
    --env)
      [[ $2 =~ ^[A-Za-z_][A-Za-z0-9_]*=[^[:cntrl:]]*$ ]] ||
        refuse "--env wants NAME=VALUE on one line, not '$2'"
      variables+=("$2")
      ;;
    --ca-bundle) ca_bundle=$2 ;;
    --keyring) keyring=$2 ;;
    --engine) engine=$2 ;;
    --save-root) save_root=$2 ;;
    --from-root) from_root=$2 ;;
    *) refuse "unknown option $1; --help lists the options" ;;
  esac
  shift 2
done

tag=${tag:-bioimageit-flow/base:$suite}
# Debian publishes security updates beside the main archive, and mirrors do the same.
[[ -n $security_mirror || $mirror != */debian ]] || security_mirror=$mirror-security
if [[ -z $security_mirror && $updates == yes && -z $from_root ]]; then
  refuse "cannot guess where $mirror keeps security updates;" \
    "give --security-mirror URL, or --no-updates to do without"
fi
[[ -z $save_root || -z $from_root ]] ||
  refuse "--save-root makes a file system and --from-root uses one: give only one"
[[ -z $from_root || -r $from_root ]] || refuse "cannot read $from_root (--from-root)"

# Some machines set only the upper-case names, which wget and apt do not read.
for name in http_proxy https_proxy no_proxy; do
  upper=${name^^}
  [[ -n ${!name:-} || -z ${!upper:-} ]] || export "$name=${!upper}"
done

# The places where Linux distributions keep the bundle of all trusted certificates.
if [[ -z $ca_bundle ]]; then
  ca_bundle=none
  for path in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
    /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
    [[ -r $path ]] && ca_bundle=$path && break
  done
fi
[[ $ca_bundle == none || -r $ca_bundle ]] ||
  refuse "cannot read the certificates $ca_bundle; give --ca-bundle FILE or none"

find_engine() {
  local command
  if [[ -n $engine ]]; then
    "$engine" info >/dev/null 2>&1 ||
      fail "$engine does not answer; start it, or see '$engine info' for the reason"
    return
  fi
  for command in docker podman; do
    if command -v "$command" >/dev/null && "$command" info >/dev/null 2>&1; then
      engine=$command
      return
    fi
  done
  fail "neither docker nor podman answers; install or start one of them, repeat with" \
    "'sudo' if only root may use it, or make the file system only (--save-root)"
}

# ------------------------------------------------------------------ known already?
# The recipe is everything that decides what is asked for: this script, the options and
# the certificates. Packages updated since are not: an image that changed by itself
# would make every result computed with it look outdated. `--force` is the way to them.
recipe() {
  {
    cat -- "$SCRIPT"
    printf '%s\n' "$suite" "$mirror" "$security_mirror" "$updates" "$(uname -m)" \
      "${PACKAGES[@]}" "${variables[@]+"${variables[@]}"}"
    [[ $ca_bundle == none ]] || cat -- "$ca_bundle"
    [[ -z $from_root ]] || cat -- "$from_root"
  } | sha256sum | cut -d ' ' -f 1
}

if [[ -z $save_root ]]; then
  find_engine
  wanted=$(recipe)
  # A label with dots needs `index`; a missing image or label gives an empty answer.
  found=$("$engine" image inspect "$tag" \
    --format "{{index .Config.Labels \"$LABEL\"}}" 2>/dev/null || true)
  if [[ $found == "$wanted" && $force == no ]]; then
    say "$tag is there already, made by the same recipe (--force makes it again)"
    exit 0
  fi
fi

# ------------------------------------------------------------------- file system
import_image() { # reads a tar file on stdin
  local changes=(
    --change "LABEL $LABEL=$wanted"
    --change "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    --change "ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt"
    --change "ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
    --change 'CMD ["bash"]'
  )
  local variable value
  for variable in "${variables[@]+"${variables[@]}"}"; do
    value=${variable#*=}
    value=${value//\\/\\\\} value=${value//\"/\\\"} value=${value//\$/\\\$}
    changes+=(--change "ENV ${variable%%=*}=\"$value\"")
  done
  "$engine" import "${changes[@]}" - "$tag" >/dev/null
}

if [[ -n $from_root ]]; then
  import_image <"$from_root"
  say "made $tag from $from_root"
  exit 0
fi

((EUID == 0)) || fail "making a file system needs root: repeat with 'sudo' in front"
command -v debootstrap >/dev/null ||
  fail "debootstrap is missing; install it (for example: apt-get install debootstrap)"

if [[ -z $keyring ]]; then
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  # debootstrap would go on without checking any signature.
  [[ -r $keyring ]] || fail "Debian's signing keys are missing; install" \
    "debian-archive-keyring, or give --keyring FILE"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/bioimageit-flow-base.XXXXXXXX")
root=$work/root
log=$work/log
clean_up() {
  local status=$? mounted
  # debootstrap mounts /proc in there; an interrupted one may leave it behind.
  while read -r _ mounted _; do
    [[ $mounted == "$root"/* ]] && umount "$mounted"
  done < <(tac /proc/mounts)
  rm -rf --one-file-system -- "$work"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

run() { # runs a command quietly; shows the end of its log if it fails
  local what=$1
  shift
  "$@" >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    fail "$what failed; the end of its log stands above"
  }
}

inside() { # runs a command in the new system with a clean environment
  local name environment=(PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
    DEBIAN_FRONTEND=noninteractive HOME=/root)
  for name in http_proxy https_proxy no_proxy; do
    [[ -z ${!name:-} ]] || environment+=("$name=${!name}")
  done
  chroot "$root" /usr/bin/env -i "${environment[@]}" "$@"
}

say "installing Debian $suite from $mirror (about a minute)"
include=$(IFS=, && printf '%s' "${PACKAGES[*]}")
run debootstrap debootstrap --variant=minbase --keyring="$keyring" \
  --include="$include" "$suite" "$root" "$mirror"

# Settings for a system that lives in images: no services started by packages, no lists
# or package files kept, no manuals and translations (licences stay), no slow fsync.
cat >"$root/usr/sbin/policy-rc.d" <<'TEXT'
#!/bin/sh
exit 101
TEXT
chmod 755 "$root/usr/sbin/policy-rc.d"
cat >"$root/etc/dpkg/dpkg.cfg.d/image" <<'TEXT'
force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-include /usr/share/locale/locale.alias
TEXT
cat >"$root/etc/apt/apt.conf.d/image" <<'TEXT'
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/*.bin || true"; };
TEXT

# Sources for `apt-get update` in a toolbox's Dockerfile.
{
  printf 'deb %s %s main\n' "$mirror" "$suite"
  if [[ $updates == yes ]]; then
    printf 'deb %s %s-updates main\n' "$mirror" "$suite"
    printf 'deb %s %s-security main\n' "$security_mirror" "$suite"
  fi
} >"$root/etc/apt/sources.list"

# Certificates of this machine which Debian does not bring (a company's proxy signs with
# one). As local ones they survive every update of ca-certificates.
if [[ $ca_bundle != none ]]; then
  awk -v folder="$root/usr/local/share/ca-certificates" '
    /-----BEGIN CERTIFICATE-----/ { inside = 1; body = ""; text = "" }
    inside { text = text $0 "\n"; if ($0 !~ /-----/) { gsub(/[ \r]/, ""); body = body $0 } }
    /-----END CERTIFICATE-----/ {
      inside = 0
      if (FILENAME == ARGV[1]) known[body] = 1
      else if (!(body in known)) {
        known[body] = 1
        file = sprintf("%s/host-%03d.crt", folder, ++count)
        printf "%s", text > file
        close(file)
      }
    }' "$root/etc/ssl/certs/ca-certificates.crt" "$ca_bundle"
  run update-ca-certificates inside update-ca-certificates
fi

if [[ $updates == yes ]]; then
  say "installing its updates"
  run "apt-get update (https needs certificates that this machine trusts)" \
    inside apt-get update
  run "apt-get upgrade" inside apt-get --yes upgrade
fi

# Debian names the program python3 only; tool descriptors say `python`.
ln -sf ../../bin/python3 "$root/usr/local/bin/python"

# What belongs to this machine or to this minute goes.
find "$root/usr/share/doc" -type f ! -name copyright -delete
find "$root/usr/share/man" "$root/usr/share/info" ! -type d -delete
find "$root/usr/share/man" -type d -empty ! -name 'man[0-9]' -delete # Java needs man1
find "$root/usr/share/locale" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/log/* \
  "$root"/var/cache/ldconfig "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old \
  "$root"/tmp/* "$root"/run/* "$root"/etc/resolv.conf "$root"/etc/hostname
: >"$root/etc/machine-id"
mkdir -p "$root/var/cache/apt/archives/partial" "$root/var/lib/apt/lists/partial" \
  "$root/var/log/apt"

pack() {
  tar --create --directory "$root" --numeric-owner --sort=name --one-file-system \
    --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' .
}

if [[ -n $save_root ]]; then
  pack >"$save_root.part"
  mv -- "$save_root.part" "$save_root"
  say "wrote $save_root; make the image of it with --from-root"
else
  pack | import_image
  say "made $tag"
fi
