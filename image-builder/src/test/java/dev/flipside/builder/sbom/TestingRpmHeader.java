package dev.flipside.builder.sbom;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes the header of a package as an RPM database has it. */
final class TestingRpmHeader {
    private record Entry(int tag, int type, int offset) {}

    private final List<Entry> entries = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    static TestingRpmHeader of(String name, String version, String release) {
        return new TestingRpmHeader()
                .string(1000, name)
                .string(1001, version)
                .string(1002, release);
    }

    TestingRpmHeader string(int tag, String text) {
        return raw(tag, 6, text.getBytes(StandardCharsets.UTF_8)).end();
    }

    TestingRpmHeader number(int tag, int number) {
        return raw(tag, 4, ByteBuffer.allocate(4).putInt(number).array());
    }

    TestingRpmHeader raw(int tag, int type, byte[] bytes) {
        entries.add(new Entry(tag, type, data.size()));
        data.writeBytes(bytes);
        return this;
    }

    private TestingRpmHeader end() {
        data.write(0);
        return this;
    }

    byte[] bytes() {
        ByteBuffer header = ByteBuffer.allocate(8 + 16 * entries.size() + data.size());
        header.putInt(entries.size()).putInt(data.size());
        for (Entry entry : entries) {
            header.putInt(entry.tag()).putInt(entry.type()).putInt(entry.offset()).putInt(1);
        }
        return header.put(data.toByteArray()).array();
    }
}
