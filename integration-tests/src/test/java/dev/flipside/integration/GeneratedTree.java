package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/** A directory with every kind of file that a root file system may have; needs root. */
final class GeneratedTree {
    /** cap_net_raw+ep, revision 2. */
    static final String CAPABILITY = "0100000200200000000000000000000000000000";

    /** user::rwx user:1000:rwx group::r-x mask::rwx other::r-x. */
    static final String ACL =
            "0200000001000700ffffffff02000700e803000004000500ffffffff10000700ffffffff"
                    + "20000500ffffffff";

    private static final String SCRIPT =
            """
            mkdir -p usr/bin usr/lib/deep/er/still etc dev var/tmp many
            for size in 0 1 4095 4096 4097 70000; do head -c $size random >usr/lib/f$size; done
            rm random
            truncate -s 3000000 usr/lib/holes; printf end >>usr/lib/holes
            printf x >usr/bin/su; printf y >usr/bin/ping; printf z >etc/shadow
            : >./-dash; : >'./!before-dot'; : >'etc/with space'; : >'etc/new
            line'; : >'etc/%41%'; printf n >"etc/$(printf '\\377\\344 latin')"
            : >"etc/$(printf '%0255d' 7)"; : >"etc/$(printf '\\303\\274mlaut')"
            (cd many; seq 1 3000 | sed 's/.*/entry-&-of-a-directory-of-many-blocks/' | xargs touch)
            ln usr/bin/su usr/bin/a-link; ln usr/bin/su etc/z-link
            ln -s usr/bin bin; ln -s /nowhere/at/all etc/dangling
            ln -s "$(printf 'x%.0s' $(seq 1 4095))" etc/long; ln etc/long etc/long-link
            ln -s "$(printf '\\377\\344')" etc/latin-target
            mknod dev/null c 1 3; mknod dev/large b 4095 1048575; mknod dev/mid c 259 300
            mkfifo -m 600 dev/fifo
            chown 65536:4294967294 etc/shadow; chown -h 12:34 bin; chown 70000:5 usr/lib/deep
            chmod 6755 usr/bin/su; chmod 0640 etc/shadow; chmod 1777 var/tmp; chmod 0000 usr/lib/f1
            touch -d '1960-02-03 04:05:06.123456789Z' etc/shadow
            touch -d '2100-01-01 00:00:00.000000001Z' usr/lib/f4096
            touch -h -d '2001-02-03 04:05:06.789Z' bin
            touch -d '1969-12-31 23:59:59.5Z' usr/lib
            """;

    private static final MethodHandle LSETXATTR = lsetxattr();

    private GeneratedTree() {}

    @SuppressWarnings("restricted")
    private static MethodHandle lsetxattr() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("lsetxattr"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT));
    }

    /** The same tree each time for the same seed, but for the times of what the script leaves. */
    static Path in(Path folder, long seed) throws Exception {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        SplittableRandom random = new SplittableRandom(seed);
        byte[] bytes = new byte[70_000];
        random.nextBytes(bytes);
        Files.write(tree.resolve("random"), bytes);
        String script = "umask 022; cd \"$1\"\n" + SCRIPT + RandomEntries.script(random);
        Path file = Files.writeString(folder.resolve("tree.sh"), script);
        Tools.find("sh").check("-eu", file, tree);
        label(tree, random);
        setXattr(tree.resolve("usr/bin/ping"), "security.capability", CAPABILITY);
        setXattr(tree.resolve("etc/shadow"), "system.posix_acl_access", ACL);
        // on a directory that stays empty, as what is extracted into it would inherit it
        setXattr(tree.resolve("usr/lib/deep/er/still"), "system.posix_acl_default", ACL);
        setXattr(tree.resolve("etc"), "trusted.overlay.opaque", "79");
        setXattr(tree.resolve("usr/lib/f1"), "user.large", "00ff".repeat(1200));
        setXattr(tree.resolve("usr/lib/f0"), "user.empty", "");
        setXattr(tree.resolve("usr/lib/f4096"), "user." + "n".repeat(250), "00");
        for (int i = 0; i < 40; i++) { // one value of 1 KiB for all, and one of its own for each
            setXattr(
                    tree.resolve("many/entry-%d-of-a-directory-of-many-blocks".formatted(i + 1)),
                    "user.shared",
                    "5a".repeat(1000));
            setXattr(
                    tree.resolve("many/entry-%d-of-a-directory-of-many-blocks".formatted(i + 1)),
                    "user.own",
                    "%04x".formatted(i));
        }
        for (String path :
                new String[] {"usr", "bin", "usr/bin/su", "dev/null", "dev/fifo", "many"}) {
            setXattr(tree.resolve(path), "security.selinux", "73797374656d5f7500");
        }
        return tree;
    }

    /** As SELinux does: few labels, many files. */
    private static void label(Path tree, SplittableRandom random) throws Exception {
        for (int i = 1; i <= 300; i++) {
            Path file = tree.resolve("many/entry-%d-of-a-directory-of-many-blocks".formatted(i));
            String type = List.of("lib_t", "etc_t", "bin_t").get(random.nextInt(3));
            byte[] label =
                    ("system_u:object_r:" + type + ":s0\0").getBytes(StandardCharsets.US_ASCII);
            setXattr(file, "security.selinux", HexFormat.of().formatHex(label));
        }
    }

    /** lsetxattr(2): the JDK writes attributes of {@code user.} only. */
    static void setXattr(Path path, String name, String hexValue) throws Exception {
        byte[] value = HexFormat.of().parseHex(hexValue);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(value.length + 1L);
            MemorySegment.copy(value, 0, bytes, ValueLayout.JAVA_BYTE, 0, value.length);
            int result =
                    (int)
                            LSETXATTR.invokeWithArguments(
                                    arena.allocateFrom(path.toString()),
                                    arena.allocateFrom(name),
                                    bytes,
                                    (long) value.length,
                                    0);
            assertEquals(0, result, path + " " + name + " (run as root, on a file system with it)");
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
