package dev.flipside.failure;

/** The five kinds of expected failure, each with the exit code that every command uses for it. */
public enum FailureGroup {
    UNTRUSTED_IMAGE("untrusted-image", 10),
    POLICY_REFUSED("policy-refused", 11),
    INVALID_CONFIG("invalid-config", 12),
    SOURCE_UNAVAILABLE("source-unavailable", 13),
    HOST_FAULT("host-fault", 14);

    private final String code;
    private final int exitCode;

    FailureGroup(String code, int exitCode) {
        this.code = code;
        this.exitCode = exitCode;
    }

    public String code() {
        return code;
    }

    public int exitCode() {
        return exitCode;
    }
}
