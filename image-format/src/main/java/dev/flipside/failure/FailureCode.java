package dev.flipside.failure;

/**
 * Every way in which an operation can fail that a user can meet, with the stable code that API,
 * commands, log and {@code docs/reference/errors.md} share. A code is never renamed and never
 * reused.
 */
public enum FailureCode {
    // What was read is not what a trusted builder wrote.
    SIGNATURE_INVALID("signature-invalid", FailureGroup.UNTRUSTED_IMAGE),
    SIGNATURES_TOO_FEW("signatures-too-few", FailureGroup.UNTRUSTED_IMAGE),
    SIGNATURE_REPEATED("signature-repeated", FailureGroup.UNTRUSTED_IMAGE),
    THRESHOLD_INVALID("threshold-invalid", FailureGroup.UNTRUSTED_IMAGE),
    METADATA_MALFORMED("metadata-malformed", FailureGroup.UNTRUSTED_IMAGE),
    METADATA_AMBIGUOUS("metadata-ambiguous", FailureGroup.UNTRUSTED_IMAGE),
    METADATA_TOO_DEEP("metadata-too-deep", FailureGroup.UNTRUSTED_IMAGE),
    METADATA_OVER_LIMIT("metadata-over-limit", FailureGroup.UNTRUSTED_IMAGE),
    METADATA_EXPIRED("metadata-expired", FailureGroup.UNTRUSTED_IMAGE),
    METADATA_ROLLBACK("metadata-rollback", FailureGroup.UNTRUSTED_IMAGE),
    METADATA_MISMATCH("metadata-mismatch", FailureGroup.UNTRUSTED_IMAGE),
    TARGET_UNKNOWN("target-unknown", FailureGroup.UNTRUSTED_IMAGE),
    MANIFEST_MALFORMED("manifest-malformed", FailureGroup.UNTRUSTED_IMAGE),
    CHANNEL_MALFORMED("channel-malformed", FailureGroup.UNTRUSTED_IMAGE),
    DIGEST_MISMATCH("digest-mismatch", FailureGroup.UNTRUSTED_IMAGE),
    LENGTH_MISMATCH("length-mismatch", FailureGroup.UNTRUSTED_IMAGE),
    BLOCK_MISMATCH("block-mismatch", FailureGroup.UNTRUSTED_IMAGE),
    PACK_MALFORMED("pack-malformed", FailureGroup.UNTRUSTED_IMAGE),
    VERITY_MALFORMED("verity-malformed", FailureGroup.UNTRUSTED_IMAGE),
    EROFS_MALFORMED("erofs-malformed", FailureGroup.UNTRUSTED_IMAGE),
    UKI_MALFORMED("uki-malformed", FailureGroup.UNTRUSTED_IMAGE),

    // A rule holds the operation back.
    MANIFEST_FORMAT_UNKNOWN("manifest-format-unknown", FailureGroup.POLICY_REFUSED),
    CHANNEL_FORMAT_UNKNOWN("channel-format-unknown", FailureGroup.POLICY_REFUSED),
    UPDATE_HELD("update-held", FailureGroup.POLICY_REFUSED),
    UPDATER_BUSY("updater-busy", FailureGroup.POLICY_REFUSED),
    ACCESS_DENIED("access-denied", FailureGroup.POLICY_REFUSED),
    RELEASE_EXISTS("release-exists", FailureGroup.POLICY_REFUSED),
    REPOSITORY_BUSY("repository-busy", FailureGroup.POLICY_REFUSED),
    PROPOSAL_PENDING("proposal-pending", FailureGroup.POLICY_REFUSED),
    PROPOSAL_MISSING("proposal-missing", FailureGroup.POLICY_REFUSED),

    // What the user gave cannot be used as it is.
    ARGUMENT_INVALID("argument-invalid", FailureGroup.INVALID_CONFIG),
    REQUEST_INVALID("request-invalid", FailureGroup.INVALID_CONFIG),
    CONFIG_INVALID("config-invalid", FailureGroup.INVALID_CONFIG),
    NAME_INVALID("name-invalid", FailureGroup.INVALID_CONFIG),
    INPUT_MISSING("input-missing", FailureGroup.INVALID_CONFIG),
    INPUT_CHANGED("input-changed", FailureGroup.INVALID_CONFIG),
    OUTPUT_EXISTS("output-exists", FailureGroup.INVALID_CONFIG),
    TAR_MALFORMED("tar-malformed", FailureGroup.INVALID_CONFIG),
    TAR_PATH_UNSAFE("tar-path-unsafe", FailureGroup.INVALID_CONFIG),
    CONTAINER_IMAGE_MALFORMED("container-image-malformed", FailureGroup.INVALID_CONFIG),
    CONTAINER_IMAGE_AMBIGUOUS("container-image-ambiguous", FailureGroup.INVALID_CONFIG),
    ROOTFS_UNSUPPORTED("rootfs-unsupported", FailureGroup.INVALID_CONFIG),
    PACKAGE_DATABASE_MALFORMED("package-database-malformed", FailureGroup.INVALID_CONFIG),
    KEY_INVALID("key-invalid", FailureGroup.INVALID_CONFIG),
    KEY_MISSING("key-missing", FailureGroup.INVALID_CONFIG),
    INITRD_MALFORMED("initrd-malformed", FailureGroup.INVALID_CONFIG),
    CERTIFICATE_INVALID("certificate-invalid", FailureGroup.INVALID_CONFIG),
    REPOSITORY_INVALID("repository-invalid", FailureGroup.INVALID_CONFIG),
    SLOT_TOO_SMALL("slot-too-small", FailureGroup.INVALID_CONFIG),
    ESP_TOO_SMALL("esp-too-small", FailureGroup.INVALID_CONFIG),
    DISK_TOO_SMALL("disk-too-small", FailureGroup.INVALID_CONFIG),

    // The repository cannot be reached, or does not answer as a file server does.
    SOURCE_UNREACHABLE("source-unreachable", FailureGroup.SOURCE_UNAVAILABLE),
    SOURCE_STATUS("source-status", FailureGroup.SOURCE_UNAVAILABLE),
    SOURCE_FILE_MISSING("source-file-missing", FailureGroup.SOURCE_UNAVAILABLE),
    SOURCE_TOO_LARGE("source-too-large", FailureGroup.SOURCE_UNAVAILABLE),
    SOURCE_TOO_SHORT("source-too-short", FailureGroup.SOURCE_UNAVAILABLE),

    // The machine does not do what it should.
    IO_FAILED("io-failed", FailureGroup.HOST_FAULT),
    NO_ROOM("no-room", FailureGroup.HOST_FAULT),
    ESP_FULL("esp-full", FailureGroup.HOST_FAULT),
    DISK_UNREADABLE("disk-unreadable", FailureGroup.HOST_FAULT),
    GPT_MALFORMED("gpt-malformed", FailureGroup.HOST_FAULT),
    ESP_MALFORMED("esp-malformed", FailureGroup.HOST_FAULT),
    SLOT_UNKNOWN("slot-unknown", FailureGroup.HOST_FAULT),
    SLOT_READBACK_FAILED("slot-readback-failed", FailureGroup.HOST_FAULT),
    STATE_MALFORMED("state-malformed", FailureGroup.HOST_FAULT),
    HEALTH_CHECK_FAILED("health-check-failed", FailureGroup.HOST_FAULT),
    PROGRAM_FAILED("program-failed", FailureGroup.HOST_FAULT),
    DAEMON_UNREACHABLE("daemon-unreachable", FailureGroup.HOST_FAULT),
    TOKEN_UNREACHABLE("token-unreachable", FailureGroup.HOST_FAULT),
    SIGNING_FAILED("signing-failed", FailureGroup.HOST_FAULT);

    private final String code;
    private final FailureGroup group;

    FailureCode(String code, FailureGroup group) {
        this.code = code;
        this.group = group;
    }

    public String code() {
        return code;
    }

    public FailureGroup group() {
        return group;
    }
}
