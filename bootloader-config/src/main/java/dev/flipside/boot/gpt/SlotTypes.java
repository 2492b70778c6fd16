package dev.flipside.boot.gpt;

import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest.Usage;
import java.util.UUID;

/**
 * The partition types of one slot, as the Discoverable Partitions Specification (UAPI.2) has them.
 */
public record SlotTypes(UUID data, UUID hash, UUID signature) {

    public static SlotTypes of(Architecture architecture, Usage usage) {
        return switch (architecture) {
            case X86_64 ->
                    switch (usage) {
                        case ROOT ->
                                types(
                                        "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
                                        "2c7357ed-ebd2-46d9-aec1-23d437ec2bf5",
                                        "41092b05-9fc8-4523-994f-2def0408b176");
                        case USR ->
                                types(
                                        "8484680c-9521-48c6-9c11-b0720656f69e",
                                        "77ff5f63-e7b6-4633-acf4-1565b864c0e6",
                                        "e7bb33fb-06cf-4e81-8273-e543b413e2e2");
                    };
            case ARM64 ->
                    switch (usage) {
                        case ROOT ->
                                types(
                                        "b921b045-1df0-41c3-af44-4c6f280d3fae",
                                        "df3300ce-d69f-4c92-978c-9bfb0f38d820",
                                        "6db69de6-29f4-4758-a7a5-962190f00ce3");
                        case USR ->
                                types(
                                        "b0e01050-ee5f-4390-949a-9101b17104e9",
                                        "6e11a4e7-fbca-4ded-b9e9-e1a512bb664e",
                                        "c23ce4ff-44bd-4b00-b2d4-b41b3419e02a");
                    };
        };
    }

    private static SlotTypes types(String data, String hash, String signature) {
        return new SlotTypes(
                UUID.fromString(data), UUID.fromString(hash), UUID.fromString(signature));
    }
}
