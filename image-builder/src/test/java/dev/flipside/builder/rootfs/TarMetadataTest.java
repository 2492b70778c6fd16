package dev.flipside.builder.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.format.ByteString;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attributes, ACLs and keys that few archives have. */
class TarMetadataTest {
    /** What the kernel keeps for user::rwx user:1000:rwx group::r-x mask::rwx other::r-x. */
    private static final String ACL =
            "0200000001000700ffffffff02000700e803000004000500ffffffff10000700ffffffff"
                    + "20000500ffffffff";

    @TempDir Path folder;

    private Map<ByteString, ByteString> xattrs(TestingTar tar) throws Exception {
        return RootFileSystem.open(tar.in(folder))
                .tree()
                .find(ByteString.utf8("f"))
                .orElseThrow()
                .attributes()
                .xattrs();
    }

    private static ByteString hex(String hex) {
        return ByteString.of(HexFormat.of().parseHex(hex));
    }

    @Test
    void makesTheKernelsBytesOfAnAclInText() throws Exception {
        for (String acl :
                new String[] {
                    "user::rwx,user:1000:rwx,group::r-x,mask::rwx,other::r-x",
                    "user::rwx\nuser:bob:rwx:1000\ngroup::r-x\nmask::rwx\nother::r-x\n",
                    "o::r-x,m::rwx,g::r-x,u:1000:rwx,u::rwx"
                }) {
            assertEquals(
                    Map.of(ByteString.utf8("system.posix_acl_access"), hex(ACL)),
                    xattrs(new TestingTar().pax("SCHILY.acl.access", acl).file("f", "")));
        }
    }

    @Test
    void anAccessAclThatIsTheModeIsNoAttributeButADefaultAclIs() throws Exception {
        String minimal = "user::rwx,group::r-x,other::---";
        assertEquals(
                Map.of(
                        ByteString.utf8("system.posix_acl_default"),
                        hex("0200000001000700ffffffff04000500ffffffff20000000ffffffff")),
                xattrs(
                        new TestingTar()
                                .pax("SCHILY.acl.access", minimal, "SCHILY.acl.default", minimal)
                                .directory("f")));
    }

    @Test
    void theBytesOfAnAclCountMoreThanItsText() throws Exception {
        assertEquals(
                Map.of(ByteString.utf8("system.posix_acl_access"), ByteString.utf8("exact")),
                xattrs(
                        new TestingTar()
                                .pax(
                                        "SCHILY.acl.access",
                                        "user::rwx,user:bob:rwx,group::r-x,mask::rwx,other::r-x",
                                        "SCHILY.xattr.system.posix_acl_access",
                                        "exact")
                                .file("f", "")));
    }

    @Test
    void readsAttributesOfLibarchive() throws Exception {
        assertEquals(
                Map.of(
                        ByteString.utf8("user.a b="), ByteString.utf8("xy"),
                        ByteString.utf8("user.both"), ByteString.utf8("exact"),
                        ByteString.utf8("user.pad"), ByteString.utf8("z")),
                xattrs(
                        new TestingTar()
                                .pax(
                                        "LIBARCHIVE.xattr.user.a%20b%3D",
                                        "eHk",
                                        "LIBARCHIVE.xattr.user.both",
                                        "b3RoZXI",
                                        "SCHILY.xattr.user.both",
                                        "exact",
                                        "LIBARCHIVE.xattr.user.pad",
                                        "eg==")
                                .file("f", "")));
    }

    @Test
    void readsDeviceNumbersOfStar() throws Exception {
        RootFileSystem root =
                RootFileSystem.open(
                        new TestingTar()
                                .pax("SCHILY.devmajor", "259", "SCHILY.devminor", "1048575")
                                .entry(new TestingTar.Header("f", '4'), new byte[0])
                                .in(folder));
        assertEquals(
                new dev.flipside.erofs.InodeKind.BlockDevice(259, 1048575),
                root.tree().find(ByteString.utf8("f")).orElseThrow().kind());
    }

    @Test
    void readsNegativeTimesInBase256() throws Exception {
        RootFileSystem root =
                RootFileSystem.open(
                        new TestingTar()
                                .entry(
                                        new TestingTar.Header("f", '0')
                                                .raw(
                                                        136,
                                                        "\u00ff".repeat(8)
                                                                + "\u00ed\u00d3\u00a4\u0080"),
                                        new byte[0])
                                .in(folder));
        assertEquals(
                Instant.parse("1960-05-04T02:25:04Z"),
                root.tree().find(ByteString.utf8("f")).orElseThrow().attributes().changed());
    }

    private List<String> notices(Path tar) throws Exception {
        List<String> lines = new ArrayList<>();
        RootFileSystem.open(tar, ImageChoice.any(), notice -> lines.add(notice.line()));
        return lines;
    }

    @Test
    void reportsEachUnknownKeyOnceWithWhereItIs() throws Exception {
        Path tar =
                new TestingTar()
                        .globalPax("comment", "of git")
                        .pax("SCHILY.fflags", "immutable", "atime", "1", "uname", "bob")
                        .file("a", "")
                        .pax("VENDOR.x", "1", "SCHILY.fflags", "nodump")
                        .file("b", "")
                        .in(folder);
        List<String> lines = notices(tar);
        assertEquals(2, lines.size(), lines::toString);
        assertTrue(
                lines.getFirst()
                        .endsWith(
                                "root.tar: pax keys: found 'SCHILY.fflags' with 2 entries, first 'a'; an image has no place for it, it is left out"),
                lines::toString);
        assertTrue(lines.getLast().contains("'VENDOR.x' with 1 entry, first 'b'"), lines::toString);
    }

    @Test
    void countsTheRestOfVeryManyUnknownKeysTogether() throws Exception {
        TestingTar tar = new TestingTar();
        for (int i = 0; i < 60; i++) {
            tar.pax("X.%03d".formatted(i), "").file("f" + i, "");
        }
        List<String> lines = notices(tar.in(folder));
        assertEquals(51, lines.size());
        assertTrue(lines.getLast().contains("further ones with 10 entries"), lines::toString);
    }
}
