package dev.flipside.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What {@code updater/sysroot} makes, and its programs as they start on a host. */
final class Sysroot {
    static final Path TREE = Path.of("../updater/target/sysroot").toAbsolutePath();
    static final Path TAR = Path.of("../updater/target/sysroot.tar").toAbsolutePath();
    static final Path LIBRARY = TREE.resolve("usr/lib/flipside");

    private Sysroot() {}

    /** Makes it from the jar that is built. */
    static void make() {
        Tools.find("env").check("../updater/sysroot");
    }

    /**
     * The command line of a program, with the tree's place for that of a host.
     *
     * @param folder for a file with the options of its virtual machine
     * @param jvmOptions go before the program's own
     */
    static List<String> line(
            Path folder, String program, List<String> jvmOptions, Object... arguments)
            throws IOException {
        Path file = folder.resolve(program + ".options");
        String options = Files.readString(LIBRARY.resolve(program + ".options"));
        Files.writeString(file, options.replace("/usr/lib/flipside/", LIBRARY + "/"));
        List<String> line = new ArrayList<>();
        line.add(LIBRARY.resolve("runtime/bin/java").toString());
        line.addAll(jvmOptions);
        line.add("@" + file);
        for (Object argument : arguments) {
            line.add(argument.toString());
        }
        return line;
    }
}
