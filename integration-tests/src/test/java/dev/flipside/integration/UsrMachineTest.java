package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A host of which {@code /usr} alone is an image: its root is an empty tmpfs. */
@Tag(Tags.ALL)
@Execution(ExecutionMode.CONCURRENT)
@ExtendWith(ReferenceMachines.Extension.class)
class UsrMachineTest {
    private static final String ETC = "usr/share/factory/etc";

    @TempDir Path folder;

    @Test
    void updatesAndCommits(ReferenceMachines machines) throws Exception {
        Path image = imageOfEtc(machines.folder("usr-etc"));
        ReferenceVendor vendor = machines.vendor();
        Path first = release(vendor, "1-usr", image);
        release(vendor, "2-usr", image);
        machines.tell(
                machines.fresh("usr", vendor.disk(first, folder.resolve("disk.raw"))),
                host -> {
                    host.start();
                    assertEquals("tmpfs", host.run("findmnt -no FSTYPE /").strip());
                    assertEquals("/dev/mapper/usr", host.run("findmnt -no SOURCE /usr").strip());
                    host.update("2-usr");
                    host.rebootInto("2-usr");
                    host.awaitCommitted("2-usr", "1-usr");
                });
    }

    private static Path release(ReferenceVendor vendor, String version, Path image)
            throws IOException {
        return vendor.release(version, new TreeMap<>(), "--verity", "usr", "--overlay", image);
    }

    /** What the root's {@code /etc} becomes where it is no part of the image. */
    private static Path imageOfEtc(Path overlay) throws IOException {
        Tools.find("tar")
                .check(
                        "-xf",
                        ToolTree.cachePath().resolve("reference-host/root.tar"),
                        "-C",
                        overlay,
                        "--transform",
                        "s,^./etc,./" + ETC + ",",
                        "--exclude=./etc/resolv.conf",
                        "--exclude=./etc/systemd/system/timers.target.wants",
                        "--exclude=./etc/systemd/system/getty.target.wants",
                        "./etc");
        Tools.find("cp").check("-r", "src/main/reference-host/files/etc/.", overlay.resolve(ETC));
        return overlay;
    }
}
