package dev.flipside.boot.gpt;

import java.util.UUID;

/** The partition types that do not depend on the architecture. */
public final class PartitionTypes {
    /** The EFI system partition (UEFI 2.10, table 5-7). */
    public static final UUID ESP = UUID.fromString("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    /** Linux data (UAPI.2, "Generic Linux Data Partition"). */
    public static final UUID LINUX_DATA = UUID.fromString("0fc63daf-8483-4772-8e79-3d69d8477de4");

    private PartitionTypes() {}
}
