package dev.flipside.updater.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class HostSeedTest {
    private static final List<HostSeed> HOSTS =
            IntStream.range(0, 10_000).mapToObj("%032x"::formatted).map(HostSeed::new).toList();

    @Test
    void standsAtTheSamePlaceEachTimeItIsAsked() {
        HostSeed host = new HostSeed("b08dfa6083e7567a1921a715000001fb");
        assertEquals(0.51143, host.share("wave/1"), 0.00001);
        assertEquals(host.share("wave/1"), host.share("wave/1"));
    }

    @Test
    void spreadsHostsEvenly() {
        int[] tenths = new int[10];
        HOSTS.forEach(host -> tenths[(int) (host.share("wave/1") * 10)]++);
        for (int count : tenths) {
            assertTrue(Math.abs(count - 1000) < 120, () -> "hosts in a tenth: " + count);
        }
    }

    @Test
    void noHostIsAlwaysFirst() {
        assertNotEquals(order("wave/1").getFirst(), order("wave/2").getFirst());
        List<HostSeed> firstTenth = order("wave/1").subList(0, 1000);
        long again = order("wave/2").subList(0, 1000).stream().filter(firstTenth::contains).count();
        assertTrue(again > 50 && again < 160, () -> "in the first tenth both times: " + again);
    }

    @Test
    void neverShowsItsMachineId() {
        assertFalse(new HostSeed("b08dfa60").toString().contains("b08dfa60"));
    }

    private static List<HostSeed> order(String purpose) {
        return HOSTS.stream()
                .sorted(Comparator.comparingDouble(host -> host.share(purpose)))
                .toList();
    }
}
