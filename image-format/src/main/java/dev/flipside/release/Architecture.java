package dev.flipside.release;

/** The processor architectures that releases are built for, by their UAPI.2 names. */
public enum Architecture {
    X86_64("x86-64"),
    ARM64("arm64");

    private final String code;

    Architecture(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }
}
