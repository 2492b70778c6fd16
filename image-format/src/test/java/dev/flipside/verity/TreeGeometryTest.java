package dev.flipside.verity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TreeGeometryTest {
    @ParameterizedTest
    @CsvSource({
        "1, 0, 1",
        "2, 1, 2",
        "128, 1, 2",
        "129, 2, 4",
        "16384, 2, 130",
        "16385, 3, 133",
        "524288, 3, 4130",
        "4294967296, 5, 33818642"
    })
    void countsLevelsAndBlocks(long dataBlocks, int levels, long fileBlocks) {
        TreeGeometry geometry = new TreeGeometry(dataBlocks);
        assertEquals(levels, geometry.levels());
        assertEquals(fileBlocks * 4096, geometry.fileSizeBytes());
    }

    @Test
    void putsTheTopLevelFirst() {
        TreeGeometry geometry = new TreeGeometry(16385);
        assertEquals(4096, geometry.levelOffsetBytes(2));
        assertEquals(2 * 4096, geometry.levelOffsetBytes(1));
        assertEquals(4 * 4096, geometry.levelOffsetBytes(0));
        assertEquals(1, geometry.blocksOnLevel(2));
        assertEquals(2, geometry.blocksOnLevel(1));
        assertEquals(129, geometry.blocksOnLevel(0));
    }

    @Test
    void knowsTheLevelOfEachBlockAndWhereItsDigestStands() {
        TreeGeometry geometry = new TreeGeometry(16385);
        assertEquals(2, geometry.levelOfBlock(1));
        assertEquals(1, geometry.levelOfBlock(2));
        assertEquals(1, geometry.levelOfBlock(3));
        assertEquals(0, geometry.levelOfBlock(4));
        assertEquals(0, geometry.levelOfBlock(132));
        assertEquals(4096, geometry.digestOffsetBytes(2));
        assertEquals(4096 + 32, geometry.digestOffsetBytes(3));
        assertEquals(2 * 4096, geometry.digestOffsetBytes(4));
        assertEquals(3 * 4096, geometry.digestOffsetBytes(132));
        assertThrows(IllegalArgumentException.class, () -> geometry.levelOfBlock(0));
        assertThrows(IllegalArgumentException.class, () -> geometry.levelOfBlock(133));
        assertThrows(IllegalArgumentException.class, () -> geometry.digestOffsetBytes(1));
    }
}
