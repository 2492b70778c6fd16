package dev.flipside.boot.fat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FatGeometryTest {
    private static final long MIB = 1 << 20;

    @ParameterizedTest
    @CsvSource({
        "512, 34, 512",
        "512, 64, 512",
        "512, 100, 1024",
        "512, 200, 2048",
        "512, 512, 4096",
        "512, 4096, 4096",
        "512, 16384, 8192",
        "512, 1048576, 32768",
        "4096, 258, 4096",
        "4096, 512, 4096",
        "4096, 8388608, 32768",
    })
    void choosesClustersThatMakeItFat32(int sectorSize, long mebibytes, int clusterSize)
            throws Exception {
        FatGeometry geometry = FatGeometry.plan(mebibytes * MIB, sectorSize);
        assertEquals(clusterSize, geometry.clusterSizeBytes());
        assertTrue(geometry.clusters() >= FatGeometry.MIN_CLUSTERS);
        assertTrue(
                geometry.fatSizeBytes() >= (geometry.clusters() + 2) * 4,
                "an entry for each cluster");
        assertEquals(0, geometry.clusterOffsetBytes(2) % clusterSize);
        long end = geometry.clusterOffsetBytes(geometry.clusters() + 2);
        assertTrue(end <= mebibytes * MIB);
    }

    @ParameterizedTest
    @CsvSource({"512, 0", "512, 1", "512, 32", "4096, 128", "4096, 256", "512, 4194304"})
    void refusesASizeThatCannotBeFat32(int sectorSize, long mebibytes) {
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () -> FatGeometry.plan(mebibytes * MIB, sectorSize));
        assertEquals(FailureCode.ESP_TOO_SMALL, e.failure().code());
    }

    @Test
    void refusesNothingInBetween() throws Exception {
        for (long mebibytes = 34; mebibytes < 3000; mebibytes += 7) {
            FatGeometry geometry = FatGeometry.plan(mebibytes * MIB, 512);
            assertTrue(geometry.clusters() >= FatGeometry.MIN_CLUSTERS, mebibytes + " MiB");
        }
    }
}
