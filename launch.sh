# Read with "." by the launchers and by quickstart and test; never run. Needs $name, the program's, for messages.

# Prints the major version of the JDK whose java is $1, or nothing.
java_major() {
    [ -x "$1" ] || return 0
    release=$(dirname -- "$(dirname -- "$(readlink -f -- "$1")")")/release
    if [ -r "$release" ]; then
        sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$release"
    else
        "$1" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1
    fi
}

# Prints the path of a java of JDK 25 or newer. $1: "javac" when a compiler must stand beside it.
find_java() {
    for java in "${JAVA_HOME:-/nonexistent}/bin/java" "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
        major=$(java_major "$java")
        [ "${major:-0}" -ge 25 ] || continue
        java=$(readlink -f -- "$java")
        [ "${1:-}" != javac ] || [ -x "$(dirname -- "$java")/javac" ] || continue
        printf '%s\n' "$java"
        return 0
    done
    printf '%s: expected a JDK 25 through JAVA_HOME, on PATH or in /usr/lib/jvm, found none; install one (https://adoptium.net) or set JAVA_HOME\n' "$name" >&2
    return 12
}

# Runs the program in jar $1 with the JVM options $2 and the other arguments; where $main_class is set, that one of it.
run_jar() {
    jar=$1
    options=$2
    shift 2
    java=$(find_java) || exit 12
    if [ ! -r "$jar" ]; then
        printf '%s: expected the built program at %s, found nothing; build it with ./mvnw -DskipTests package\n' "$name" "$jar" >&2
        exit 12
    fi
    # Paths are bytes to Linux but text to Java: C.UTF-8 makes them the same in every locale.
    unset LANG JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS
    LC_ALL=C.UTF-8
    export LC_ALL
    # An AOT cache (JEP 483) starts the same program faster; one of another jar or JDK is passed over.
    [ ! "$jar.aot" -nt "$jar" ] || options="$options -XX:AOTCache=$jar.aot -Xlog:aot=off -Xlog:cds=off"
    if [ -n "${main_class:-}" ]; then set -- -cp "$jar" "$main_class" "$@"; else set -- -jar "$jar" "$@"; fi
    # shellcheck disable=SC2086 # a list of options
    exec "$java" $options -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
        -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 "$@"
}
