package dev.flipside.updater.config;

import java.util.Optional;

/**
 * Every key of the configuration. {@code docs/reference/configuration.md} has the same list, and a
 * test keeps the two equal.
 */
enum ConfigKey {
    SOURCE_URL(
            "source",
            "url",
            Kind.TEXT,
            Optional.empty(),
            "Where the repository is: an `http:`, `https:` or `file:` URL."),
    SOURCE_MIRRORS(
            "source",
            "mirrors",
            Kind.TEXTS,
            Optional.of(""),
            "Further addresses of the same repository, asked in this order when the one before fails, or serves what must not be trusted."),
    SOURCE_PROXY(
            "source",
            "proxy",
            Kind.TEXT,
            Optional.of(""),
            "The HTTP proxy, as `http://proxy:3128`; empty: what `http_proxy`, `https_proxy` and `no_proxy` in the environment say; `none`: no proxy whatever they say."),
    SOURCE_NO_PROXY(
            "source",
            "no-proxy",
            Kind.TEXTS,
            Optional.of(""),
            "Hosts that are asked without `proxy`: a name (and all names that end in it), an address, or a network as `10.0.0.0/8`."),
    SOURCE_CA_CERTIFICATES(
            "source",
            "ca-certificates",
            Kind.PATH,
            Optional.of(""),
            "A PEM file with the only certificate authorities that may vouch for a server; empty: those of the operating system."),
    SOURCE_CLIENT_CERTIFICATE(
            "source",
            "client-certificate",
            Kind.PATH,
            Optional.of(""),
            "A PEM file with the certificate that the host shows to servers, and those between it and its authority; empty: none."),
    SOURCE_CLIENT_KEY(
            "source",
            "client-key",
            Kind.PATH,
            Optional.of(""),
            "The private key of `client-certificate`: PKCS #8, PEM, not encrypted."),
    SOURCE_BYTES_PER_SECOND(
            "source",
            "bytes-per-second",
            Kind.COUNT,
            Optional.of("0"),
            "The most that is fetched in a second, on average; at least 4096, or 0 for no limit."),
    SOURCE_STALL_TIMEOUT(
            "source",
            "stall-timeout",
            Kind.DURATION,
            Optional.of("30s"),
            "How long a connection may bring less than 4096 bytes before it is given up; `1s` to `10m`."),
    SOURCE_CONNECT_TIMEOUT(
            "source",
            "connect-timeout",
            Kind.DURATION,
            Optional.of("15s"),
            "How long a connection may take to be made, TLS included; `1s` to `5m`."),
    SOURCE_ATTEMPTS(
            "source",
            "attempts",
            Kind.NUMBER,
            Optional.of("6"),
            "How many tries in a row may bring too little before a server is given up; at most 100."),
    POLICY_CHANNEL(
            "policy",
            "channel",
            Kind.TEXT,
            Optional.of("stable"),
            "The channel that the host follows."),
    POLICY_REBOOT(
            "policy",
            "reboot",
            Kind.TEXT,
            Optional.of("never"),
            "Whether the host reboots by itself once a release is activated: `never`, `immediately`, in a `window`, or by a `sentinel` file that somebody else looks at, as kured does."),
    POLICY_SENTINEL(
            "policy",
            "sentinel",
            Kind.PATH,
            Optional.of(""),
            "The file that asks for a reboot, with `reboot = \"sentinel\"`; empty: `run/reboot-required` under `system-root`."),
    POLICY_WINDOWS(
            "policy",
            "windows",
            Kind.TEXTS,
            Optional.of(""),
            "The maintenance windows: days, start, and end or length, as `Sat,Sun 22:00-06:00` or `Mon..Fri 01:00 4h`. None: any time will do."),
    POLICY_TIME_ZONE(
            "policy",
            "time-zone",
            Kind.TEXT,
            Optional.of("UTC"),
            "The time zone of windows and of dates without a time, as `Europe/Berlin`."),
    POLICY_STAGE(
            "policy",
            "stage",
            Kind.TEXT,
            Optional.of("window"),
            "When a release is written to the inactive slot: in a `window`, so that the release there can be rolled back to until then, or `at-once`."),
    POLICY_MINIMUM_AGE(
            "policy",
            "minimum-age",
            Kind.DURATION,
            Optional.of("0s"),
            "How old a release must be, by `created` in its manifest, before its channel brings it to this host; up to `365d`."),
    POLICY_WAVES(
            "policy",
            "waves",
            Kind.TEXT,
            Optional.of("follow"),
            "Whether the host waits for its wave of a rollout: `follow`, or `ignore` on hosts that go first."),
    POLICY_WITHDRAWN(
            "policy",
            "withdrawn",
            Kind.TEXT,
            Optional.of("window"),
            "What to do when the release that runs was withdrawn: `stay` and say so, or leave it without regard to waves and age, in the next `window` or `at-once`."),
    POLICY_POLL_INTERVAL(
            "policy",
            "poll-interval",
            Kind.DURATION,
            Optional.of("1h"),
            "How often the daemon asks the repository; `1m` to `30d`."),
    POLICY_POLL_JITTER(
            "policy",
            "poll-jitter",
            Kind.DURATION,
            Optional.of("10m"),
            "What is added to each interval, at most, so that hosts do not all ask at once; up to `30d`."),
    POLICY_ALGORITHMS(
            "policy",
            "algorithms",
            Kind.TEXT,
            Optional.of("any"),
            "Whose signatures on metadata count: `any` key that can be checked, or those of `fips` (ECDSA, RSA and ML-DSA, not Ed25519) only."),
    HOST_PRODUCT("host", "product", Kind.TEXT, Optional.empty(), "The product that the host runs."),
    HOST_ARCHITECTURE(
            "host",
            "architecture",
            Kind.TEXT,
            Optional.of("x86-64"),
            "The host's architecture: `x86-64` or `arm64`."),
    HOST_DISK(
            "host",
            "disk",
            Kind.PATH,
            Optional.of(""),
            "The disk with both slots; empty: the disk of the file system that is mounted."),
    HOST_ESP(
            "host",
            "esp",
            Kind.PATH,
            Optional.of(""),
            "The folder where the ESP is mounted; empty: the first of `/efi`, `/boot` and `/boot/efi` that has `loader/entries`."),
    HOST_STATE(
            "host",
            "state",
            Kind.PATH,
            Optional.of("/var/lib/flipside"),
            "The folder for state, history, trials and trusted metadata."),
    HOST_SYSTEM_ROOT(
            "host",
            "system-root",
            Kind.PATH,
            Optional.of("/"),
            "The folder under which `proc`, `sys`, `etc/machine-id` and the build time of the image are read. Anything but `/` makes the host file-backed: it never reboots the machine."),
    HOST_ROOT_JSON(
            "host",
            "root-json",
            Kind.PATH,
            Optional.of("/usr/lib/flipside/root.json"),
            "The first trusted root metadata."),
    DAEMON_SOCKET(
            "daemon",
            "socket",
            Kind.PATH,
            Optional.of(""),
            "The Unix socket of the daemon; empty: `/run/flipside/flipside.sock`, or `flipside.sock` in the state folder of a file-backed host."),
    DAEMON_READER_GROUP(
            "daemon",
            "reader-group",
            Kind.TEXT,
            Optional.of("flipside"),
            "The group whose members may ask the daemon and change nothing; empty, or one that does not exist: root alone."),
    DAEMON_METRICS_LISTEN(
            "daemon",
            "metrics-listen",
            Kind.TEXT,
            Optional.of(""),
            "A loopback address and port, as `127.0.0.1:9477` or `[::1]:9477`, that serves `/metrics` to a scraper; empty: none."),
    HEALTH_FOLDERS(
            "health",
            "folders",
            Kind.TEXTS,
            Optional.of("/usr/lib/flipside/health.d /etc/flipside/health.d"),
            "The folders with health checks, inside the root that was booted."),
    HEALTH_DEADLINE(
            "health",
            "deadline",
            Kind.DURATION,
            Optional.of("3m"),
            "How long the checks of a boot may take until all have passed; `1s` to `10m`."),
    HEALTH_SOAK(
            "health",
            "soak",
            Kind.DURATION,
            Optional.of("1m"),
            "How long they must then stay so before the boot is good; with `deadline` at most `10m`."),
    LIMITS_HISTORY_BYTES(
            "limits",
            "history-bytes",
            Kind.NUMBER,
            Optional.of("262144"),
            "The size at which the older half of the history is dropped, but for what the operator and failed trials decided."),
    LIMITS_LOOKUP_BYTES(
            "limits",
            "lookup-bytes",
            Kind.NUMBER,
            Optional.of("524288"),
            "Memory for finding blocks in the booted slot, 7.5 bytes for each; those that do not fit are looked for in further rounds."),
    LIMITS_THREADS(
            "limits",
            "threads",
            Kind.NUMBER,
            Optional.of("2"),
            "How many threads hash while a slot is written.");

    /** What a value looks like. */
    enum Kind {
        TEXT("a string"),
        PATH("a path"),
        TEXTS("an array of strings"),
        DURATION("a duration, as `30m`, `1h30m` or `7d`"),
        NUMBER("a whole number above 0"),
        COUNT("a whole number, 0 or above");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    private final String section;
    private final String key;
    private final Kind kind;
    private final Optional<String> fallback;
    private final String description;

    ConfigKey(
            String section, String key, Kind kind, Optional<String> fallback, String description) {
        this.section = section;
        this.key = key;
        this.kind = kind;
        this.fallback = fallback;
        this.description = description;
    }

    String section() {
        return section;
    }

    String key() {
        return key;
    }

    Kind kind() {
        return kind;
    }

    /**
     * What holds when the key is not given; empty when it must be given. Lists are separated by
     * spaces.
     */
    Optional<String> fallback() {
        return fallback;
    }

    /** The default as it would be written; empty when there is none. */
    String fallbackAsToml() {
        String text = fallback.orElse("");
        return switch (kind) {
            case TEXT, PATH, DURATION -> "\"%s\"".formatted(text);
            case TEXTS -> text.isEmpty() ? "[]" : "[\"%s\"]".formatted(text.replace(" ", "\", \""));
            case NUMBER, COUNT -> text;
        };
    }

    String description() {
        return description;
    }

    /** As it is written in messages: {@code [section] key}. */
    String title() {
        return "[%s] %s".formatted(section, key);
    }
}
