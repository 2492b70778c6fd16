package dev.flipside.builder.release;

/** Which version of the builder this is. */
public final class BuilderVersion {
    private BuilderVersion() {}

    /** As the jar has it; {@code development} outside of one. */
    public static String current() {
        String version = BuilderVersion.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
