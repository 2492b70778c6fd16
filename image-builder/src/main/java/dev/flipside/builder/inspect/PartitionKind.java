package dev.flipside.builder.inspect;

import dev.flipside.boot.gpt.PartitionTypes;
import dev.flipside.boot.gpt.SlotTypes;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest.Usage;
import java.util.UUID;

/** The names that systemd's tools give to partition types (UAPI.2). */
final class PartitionKind {
    private PartitionKind() {}

    /** The name of a type, or the type itself where it has none here. */
    static String name(UUID type) {
        if (type.equals(PartitionTypes.ESP)) {
            return "esp";
        }
        if (type.equals(PartitionTypes.LINUX_DATA)) {
            return "linux-generic";
        }
        for (Architecture architecture : Architecture.values()) {
            for (Usage usage : Usage.values()) {
                SlotTypes types = SlotTypes.of(architecture, usage);
                String name = usage.code() + "-" + architecture.code();
                if (type.equals(types.data())) {
                    return name;
                }
                if (type.equals(types.hash())) {
                    return name + "-verity";
                }
                if (type.equals(types.signature())) {
                    return name + "-verity-sig";
                }
            }
        }
        return type.toString();
    }
}
