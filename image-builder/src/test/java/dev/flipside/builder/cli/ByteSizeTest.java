package dev.flipside.builder.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class ByteSizeTest {
    @Test
    void readsBinaryUnits() {
        assertEquals(Optional.of(8L << 30), ByteSize.parse("8GiB"));
        assertEquals(Optional.of(512L << 20), ByteSize.parse("512MiB"));
        assertEquals(Optional.of(3L << 40), ByteSize.parse("3TiB"));
        assertEquals(Optional.of(1024L), ByteSize.parse("1KiB"));
        assertEquals(Optional.of(3L << 40), ByteSize.parse("3T"));
        assertEquals(Optional.of(8L << 30), ByteSize.parse("8G"));
        assertEquals(Optional.of(512L << 20), ByteSize.parse("512M"));
        assertEquals(Optional.of(2048L), ByteSize.parse("2K"));
        assertEquals(Optional.of(7L), ByteSize.parse("7"));
        assertEquals(Optional.of(7L), ByteSize.parse("7B"));
    }

    @Test
    void refusesWhatIsNoSize() {
        for (String text :
                new String[] {
                    "", "GiB", "-1", "1.5GiB", "1 GiB", "1GB", "1g", "iB", "1Gi", "1KB", "٣GiB"
                }) {
            assertEquals(Optional.empty(), ByteSize.parse(text), text);
        }
        assertEquals(Optional.empty(), ByteSize.parse("999999999999999TiB"));
        assertEquals(Optional.empty(), ByteSize.parse("9999999999999999999999"));
    }
}
