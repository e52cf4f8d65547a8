# What a server does for a publisher: sent whole, with one call at its end. It needs POSIX sh,
# readlink, rsync, and one of GNU's or busybox's mv, BSD's mv, or perl.
set -eu
LC_ALL=C
export LC_ALL
umask 022
start=$PWD

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 3
}

# hold PATH WHO: go to the site's folder, and hold its lock as long as this shell lives, so as long
# as the publisher does. The lock is a link that leads nowhere: made in one step, with what it says.
hold() {
    mkdir -p "$1/releases" && cd "$1" || fail "no folder that can be written to"
    [ -L current ] || [ ! -e current ] || fail "current there is no link, move it away"
    me="$$ $2"
    tries=0
    until ln -s "$me" .lock 2>/dev/null; do
        [ -w . ] || fail "no folder that can be written to"
        wait_for_lock
    done
    trap 'is_held && rm -f .lock' EXIT
    trap 'exit 1' HUP INT TERM PIPE
}

# A publisher that was just killed is gone in a moment.
wait_for_lock() {
    held=$(readlink .lock) || return 0
    if is_alive "${held%% *}"; then
        [ "$tries" -lt 20 ] || fail "${held#* } is at it"
        tries=$((tries + 1))
        sleep 0.1 2>/dev/null || sleep 1
    else
        remove_dead "$held"
    fi
}

is_alive() {
    kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ]
}

# Remove the lock of a process that is gone (the server was restarted). Two may find it: what was
# moved away must be that one, else it is put back.
remove_dead() {
    mv .lock ".lock.$$" 2>/dev/null || return 0
    [ "$(readlink ".lock.$$")" = "$1" ] || ln -s "$(readlink ".lock.$$")" .lock || :
    rm -f ".lock.$$"
}

is_held() {
    [ "$(readlink .lock)" = "$me" ]
}

must_hold() {
    is_held || fail "the lock was lost on the way, try again"
}

# show PATH: print the manifest of the live release; nothing when there is no release.
show() {
    cd "$start" && cd "$1" 2>/dev/null || return 0
    [ -L current ] || return 0
    cat current/release.json || fail "current there leads to no release"
}

# begin NAME: begin a release as hard links to the live one.
begin() {
    must_hold
    rm -rf releases/.[!.]* .current.*
    mkdir "releases/.$1"
    if [ -L current ]; then
        cp -Rl current/. "releases/.$1/" 2>/dev/null || cp -Rp current/. "releases/.$1/"
    fi
}

# finish NAME [FILE…]: show the new release, with those files of the live one.
finish() {
    must_hold
    new="releases/.$1"
    name=$1
    shift
    carry "$new" "$@"
    find "$new" \( -type d ! -perm -555 -o -type f ! -perm -444 \) -exec chmod a+rX {} +
    mv "$new" "releases/$name"
    relink "$name"
    prune
}

# go_back NAME [FILE…]: show an earlier release, with those files of the live one.
go_back() {
    must_hold
    name=$1
    shift
    carry "releases/$name" "$@"
    relink "$name"
}

carry() {
    into=$1
    shift
    for file; do
        [ -f "current/$file" ] && [ ! -e "$into/$file" ] || continue
        mkdir -p "$into/$(dirname "$file")"
        ln "current/$file" "$into/$file" 2>/dev/null || cp -p "current/$file" "$into/$file"
    done
}

# relink NAME: let `current` lead to a release, in one step (rename).
relink() {
    rm -f .current.new
    ln -s "releases/$1" .current.new
    mv -T .current.new current 2>/dev/null || mv -h .current.new current 2>/dev/null ||
        perl -e 'rename(".current.new", "current") or exit 1' 2>/dev/null ||
        fail "no way to replace a link in one step: install GNU mv or perl"
}

# Keep the last five, and the live one.
prune() {
    live=$(readlink current)
    ls releases | sort -r | tail -n +6 | while read -r name; do
        [ "releases/$name" = "$live" ] || { mv "releases/$name" "releases/.$name" && rm -rf "releases/.$name"; }
    done
}

# read_manifest NAME: print the manifest of an earlier release.
read_manifest() {
    cat "releases/$1/release.json" || fail "the release $1 has no manifest"
}

# drop NAME: remove what was begun.
drop() {
    rm -rf "releases/.$1"
}

# list PATH: print what `current` leads to, then the name of each release.
list() {
    cd "$start" && cd "$1" 2>/dev/null && [ -d releases ] || return 0
    readlink current || echo
    ls releases
}
