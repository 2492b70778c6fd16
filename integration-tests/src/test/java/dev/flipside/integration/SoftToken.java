package dev.flipside.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A SoftHSM token named {@code release}, with keys that pkcs11-tool makes on it. */
record SoftToken(Map<String, String> environment) {
    static final String PIN = "1234";
    private static final String LABEL = "release";

    static SoftToken make(Path folder) throws IOException {
        Path tokens = Files.createDirectory(folder.resolve("tokens"));
        Path configuration =
                Files.writeString(
                        folder.resolve("softhsm2.conf"),
                        "directories.tokendir = %s\nobjectstore.backend = file\n"
                                .formatted(tokens));
        SoftToken token = new SoftToken(Map.of("SOFTHSM2_CONF", configuration.toString()));
        token.tool("softhsm2-util")
                .check(
                        "--module",
                        module(),
                        "--init-token",
                        "--free",
                        "--label",
                        LABEL,
                        "--pin",
                        PIN,
                        "--so-pin",
                        "5678");
        return token;
    }

    /** The command, in a process that can load the token's library. */
    CommandLine flipsideImage() {
        return CommandLine.flipsideImage().withLibrariesOfTheTree(environment);
    }

    void makeKey(String type, String label, String id) {
        tool("pkcs11-tool")
                .check(
                        "--module",
                        module(),
                        "--login",
                        "--pin",
                        PIN,
                        "--token-label",
                        LABEL,
                        "--keypairgen",
                        "--key-type",
                        type,
                        "--label",
                        label,
                        "--id",
                        id);
    }

    /** A reference to a key on the token. */
    static String uri(String path, String query) {
        String token = path.contains("token=") ? path : "token=" + LABEL + ";" + path;
        return "pkcs11:" + token + "?module-path=" + module() + "&" + query;
    }

    private Tools.Tool tool(String name) {
        return new Tools.Tool(Tools.find(name).command(), environment);
    }

    private static Path module() {
        return Tools.library("softhsm/libsofthsm2.so");
    }
}
