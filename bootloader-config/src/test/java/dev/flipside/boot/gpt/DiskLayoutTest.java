package dev.flipside.boot.gpt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest.Usage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DiskLayoutTest {
    private static final byte[] ROOT_HASH =
            HexFormat.of()
                    .parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

    @Test
    void findsTheSlotsOfEachArchitectureAndUsage() throws Exception {
        for (Architecture architecture : Architecture.values()) {
            for (Usage usage : Usage.values()) {
                Gpt gpt = table(SlotTypes.of(architecture, usage), false);
                DiskLayout layout = DiskLayout.find(gpt);
                assertEquals(architecture, layout.architecture());
                assertEquals(usage, layout.usage());
                assertEquals(1, layout.esp().number());
                assertEquals(2, layout.slot(SlotName.A).data().number());
                assertEquals(3, layout.slot(SlotName.A).hash().number());
                assertEquals(4, layout.slot(SlotName.B).data().number());
                assertEquals(5, layout.slot(SlotName.B).hash().number());
                assertEquals(6, layout.varPartition().orElseThrow().number());
            }
        }
    }

    @Test
    void tellsSlotsByTheirPlaceAndNotByTheirNumber() throws Exception {
        SlotTypes types = SlotTypes.of(Architecture.X86_64, Usage.ROOT);
        DiskLayout layout = DiskLayout.find(table(types, true));
        assertEquals(4, layout.slot(SlotName.A).data().number());
        assertEquals(2, layout.slot(SlotName.B).data().number());
    }

    @Test
    void refusesADiskWithoutTwoSlots() {
        SlotTypes types = SlotTypes.of(Architecture.X86_64, Usage.ROOT);
        Gpt whole = table(types, false);
        for (int missing = 0; missing < 5; missing++) {
            List<Partition> rest = new ArrayList<>(whole.partitions());
            rest.remove(missing);
            assertUnknown(whole.withPartitions(rest));
        }
    }

    @Test
    void findsASlotByTheUuidOfItsDataPartition() throws Exception {
        DiskLayout layout =
                DiskLayout.find(table(SlotTypes.of(Architecture.ARM64, Usage.USR), false));
        assertEquals(SlotName.B, layout.slotWithData(new UUID(0, 4)).name());
        assertThrows(FlipsideException.class, () -> layout.slotWithData(new UUID(9, 9)));
    }

    @Test
    void refusesToChooseWhenBothSlotsClaimOneUuid() throws Exception {
        Gpt gpt = table(SlotTypes.of(Architecture.ARM64, Usage.USR), false);
        Partition b = gpt.partitions().get(3);
        DiskLayout layout =
                DiskLayout.find(gpt.replacing(List.of(b.identified(new UUID(0, 2), "copy"))));
        FlipsideException e =
                assertThrows(FlipsideException.class, () -> layout.slotWithData(new UUID(0, 2)));
        assertEquals(FailureCode.SLOT_UNKNOWN, e.failure().code());
    }

    @Test
    void namesTheDataPartitionByTheFirstHalfOfTheRootHashAndTheHashPartitionByTheSecond() {
        SlotIdentity identity = SlotIdentity.of(ROOT_HASH, "host", "1.2");
        assertEquals("00010203-0405-0607-0809-0a0b0c0d0e0f", identity.data().toString());
        assertEquals("10111213-1415-1617-1819-1a1b1c1d1e1f", identity.hash().toString());
        assertEquals("host_1.2", identity.label());
    }

    @Test
    void givesASlotAnotherIdentityWithoutMovingIt() throws Exception {
        Gpt gpt = table(SlotTypes.of(Architecture.X86_64, Usage.ROOT), false);
        SlotIdentity identity = SlotIdentity.of(ROOT_HASH, "host", "2");
        Gpt changed = gpt.replacing(DiskLayout.find(gpt).slot(SlotName.B).identified(identity));
        DiskLayout layout = DiskLayout.find(changed);
        assertEquals(identity, layout.slot(SlotName.B).identity());
        assertEquals(gpt.partitions().get(3).firstLba(), layout.slot(SlotName.B).data().firstLba());
        assertEquals(gpt.partitions().get(1), layout.slot(SlotName.A).data());
    }

    @Test
    void usesADifferentTypeForEachPurpose() {
        Set<UUID> types = new HashSet<>(Set.of(PartitionTypes.ESP, PartitionTypes.LINUX_DATA));
        for (Architecture architecture : Architecture.values()) {
            for (Usage usage : Usage.values()) {
                SlotTypes slot = SlotTypes.of(architecture, usage);
                types.addAll(List.of(slot.data(), slot.hash(), slot.signature()));
            }
        }
        assertEquals(14, types.size());
    }

    private static void assertUnknown(Gpt gpt) {
        FlipsideException e = assertThrows(FlipsideException.class, () -> DiskLayout.find(gpt));
        assertEquals(FailureCode.SLOT_UNKNOWN, e.failure().code());
    }

    private static Gpt table(SlotTypes types, boolean slotsSwapped) {
        List<UUID> order =
                List.of(
                        PartitionTypes.ESP,
                        types.data(),
                        types.hash(),
                        types.data(),
                        types.hash(),
                        PartitionTypes.LINUX_DATA);
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            int place = slotsSwapped && i >= 1 && i <= 4 ? (i + 1) % 4 + 1 : i;
            partitions.add(
                    new Partition(
                            i + 1,
                            order.get(i),
                            new UUID(0, i + 1),
                            i == 5 ? DiskLayout.VAR_LABEL : "p" + i,
                            64 + place * 32L,
                            64 + place * 32L + 31,
                            0));
        }
        return Gpt.empty(new UUID(1, 1), 512, 512).withPartitions(partitions);
    }
}
