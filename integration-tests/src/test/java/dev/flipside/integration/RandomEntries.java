package dev.flipside.integration;

import java.util.SplittableRandom;

/**
 * Lines of a shell script that make entries of every kind, with names, modes, owners and times at
 * random.
 */
final class RandomEntries {
    private static final int ENTRIES = 150;
    private static final int FOLDERS = 12;
    private static final long MAX_ID = 0xffff_fffeL; // the kernel keeps 2^32-1 for "unchanged"
    private static final int MAX_NAME_BYTES = 60;

    private RandomEntries() {}

    static String script(SplittableRandom random) {
        StringBuilder script = new StringBuilder("mkdir -p");
        for (int i = 0; i < FOLDERS; i++) {
            script.append(" random/").append(i).append("/deep");
        }
        script.append('\n');
        for (int i = 0; i < ENTRIES; i++) {
            String folder = random.nextInt(FOLDERS) + (random.nextBoolean() ? "/deep" : "");
            script.append("name=random/%s/%s\n".formatted(folder, name(random, i)));
            script.append(make(random)).append('\n');
            // GNU tar knows no hard links of devices and FIFOs.
            script.append("[ ! -L \"$name\" ] && [ ! -f \"$name\" ] || last=$name\n");
        }
        return script.toString();
    }

    /** Any bytes but NUL and slash; the number at the end makes it the only one of its name. */
    private static String name(SplittableRandom random, int number) {
        StringBuilder octal = new StringBuilder("\"$(printf '");
        int length = random.nextInt(MAX_NAME_BYTES);
        for (int i = 0; i < length; i++) {
            int b = random.nextInt(10) == 0 ? random.nextInt(1, 256) : random.nextInt('a', 'z' + 1);
            octal.append("\\%03o".formatted(b == '/' ? '_' : b));
        }
        return octal + ".%d')\"".formatted(number);
    }

    private static String make(SplittableRandom random) {
        String owner =
                "chown -h %d:%d \"$name\""
                        .formatted(random.nextLong(MAX_ID), random.nextInt(70_000));
        String time = "touch -h -d @%s \"$name\"".formatted(time(random));
        String mode = "chmod %04o \"$name\"".formatted(random.nextInt(010000));
        return switch (random.nextInt(8)) {
            case 0 ->
                    "ln -s \""
                            + "x".repeat(random.nextInt(1, 300))
                            + "\" \"$name\"; "
                            + owner
                            + "; "
                            + time;
            case 1 -> node("c", random) + "; " + owner + "; " + mode + "; " + time;
            case 2 -> node("b", random) + "; " + owner + "; " + mode + "; " + time;
            case 3 -> "mkfifo \"$name\"; " + owner + "; " + mode + "; " + time;
            case 4 -> "mkdir \"$name\"; " + owner + "; " + mode + "; " + time;
            case 5 -> "ln \"${last-etc/shadow}\" \"$name\" 2>/dev/null || : >>\"$name\"";
            default ->
                    "head -c %d usr/lib/f70000 >\"$name\"; ".formatted(random.nextInt(20_000))
                            + owner
                            + "; "
                            + mode
                            + "; "
                            + time;
        };
    }

    private static String node(String type, SplittableRandom random) {
        return "mknod \"$name\" %s %d %d"
                .formatted(type, random.nextInt(1, 4096), random.nextInt(1 << 20));
    }

    /** From 1910 to 2230, in nanoseconds. */
    private static String time(SplittableRandom random) {
        long seconds = random.nextLong(-1_900_000_000L, 8_200_000_000L);
        return seconds + ".%09d".formatted(random.nextInt(1_000_000_000));
    }
}
