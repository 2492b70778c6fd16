package dev.flipside.builder.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.erofs.InodeAttributes;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MetadataBudgetTest {
    private static InodeAttributes labelled(String label) {
        SortedMap<ByteString, ByteString> xattrs = new TreeMap<>();
        xattrs.put(ByteString.utf8("security.selinux"), ByteString.utf8(label));
        return new InodeAttributes(0644, 0, 0, Instant.EPOCH, xattrs);
    }

    @Test
    void refusesTheEntryThatIsTooMuchAndSaysWhatToDo() throws Exception {
        MetadataBudget budget = new MetadataBudget("root.tar", 10_000);
        FlipsideException refused =
                assertThrows(
                        FlipsideException.class,
                        () -> {
                            for (int i = 0; i < 1000; i++) {
                                budget.take(labelled("label " + i), 100);
                            }
                        });
        assertEquals(FailureCode.ROOTFS_UNSUPPORTED, refused.failure().code());
        assertTrue(refused.failure().line().contains("-Xmx"), refused.failure().line());
    }

    @Test
    void equalAttributesAreOneObjectAndCountOnce() throws Exception {
        MetadataBudget budget = new MetadataBudget("root.tar", 100 * MetadataBudget.ENTRY_BYTES);
        InodeAttributes first = budget.take(labelled("x".repeat(5000)), 1);
        for (int i = 0; i < 50; i++) {
            assertSame(first, budget.take(labelled("x".repeat(5000)), 1));
        }
    }
}
