package dev.flipside.builder.rootfs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes tar archives record by record, so that a test can have whatever an archive may hold, and
 * what it may not. Names and values are given in ISO 8859-1: a char is a byte.
 */
public final class TestingTar {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    public TestingTar file(String name, String contents) {
        return entry(new Header(name, '0').size(contents.length()), bytes(contents));
    }

    public TestingTar directory(String name) {
        return entry(new Header(name, '5').mode(0755), new byte[0]);
    }

    public TestingTar symlink(String name, String target) {
        return entry(new Header(name, '2').link(target), new byte[0]);
    }

    public TestingTar hardLink(String name, String target) {
        return entry(new Header(name, '1').link(target), new byte[0]);
    }

    /** A pax header for the next entry, from keys and values by turns. */
    TestingTar pax(String... keysAndValues) {
        return extension('x', keysAndValues);
    }

    TestingTar globalPax(String... keysAndValues) {
        return extension('g', keysAndValues);
    }

    private TestingTar extension(char type, String... keysAndValues) {
        StringBuilder records = new StringBuilder();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            String rest = " " + keysAndValues[i] + "=" + keysAndValues[i + 1] + "\n";
            int length = rest.length() + 1;
            while (length != rest.length() + Integer.toString(length).length()) {
                length++;
            }
            records.append(length).append(rest);
        }
        return rawExtension(type, records.toString());
    }

    TestingTar rawExtension(char type, String data) {
        return entry(new Header("ext", type).size(data.length()), bytes(data));
    }

    TestingTar entry(Header header, byte[] contents) {
        out.writeBytes(header.record());
        out.writeBytes(contents);
        out.writeBytes(new byte[-contents.length & 511]);
        return this;
    }

    TestingTar raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    byte[] unfinished() {
        return out.toByteArray();
    }

    public byte[] finished() {
        return Arrays.copyOf(out.toByteArray(), out.size() + 1024);
    }

    public Path in(Path folder) throws IOException {
        return Files.write(folder.resolve("root.tar"), finished());
    }

    /** A ustar header; the numbers of its fields are octal unless set raw. */
    static final class Header {
        private final byte[] record = new byte[512];

        Header(String name, char type) {
            raw(0, name).mode(0644).raw(108, "0000000").raw(116, "0000000");
            size(0).raw(136, "00000000001").raw(257, "ustar\00000");
            record[156] = (byte) type;
        }

        Header mode(int mode) {
            return raw(100, "%07o".formatted(mode));
        }

        Header size(long size) {
            return raw(124, "%011o".formatted(size));
        }

        Header link(String target) {
            return raw(157, target);
        }

        Header device(int major, int minor) {
            return raw(329, "%07o".formatted(major)).raw(337, "%07o".formatted(minor));
        }

        Header raw(int offset, String latin1) {
            byte[] bytes = bytes(latin1);
            System.arraycopy(bytes, 0, record, offset, bytes.length);
            return this;
        }

        byte[] record() {
            Arrays.fill(record, 148, 156, (byte) ' ');
            int sum = 0;
            for (byte b : record) {
                sum += Byte.toUnsignedInt(b);
            }
            raw(148, "%06o\0 ".formatted(sum));
            return record.clone();
        }
    }
}
