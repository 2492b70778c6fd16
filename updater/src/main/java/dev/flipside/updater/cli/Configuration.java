package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.config.ConfigFile;
import dev.flipside.updater.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The commands about the configuration. */
final class Configuration {
    private Configuration() {}

    static void check(Invocation invocation) throws FlipsideException {
        String file = ConfigFile.load(invocation.configFile()).file().toString();
        ObjectNode node = StrictJson.object().put("file", file).put("valid", true);
        ArrayNode files = node.putArray("files");
        List<String> lines = new ArrayList<>();
        for (Path read : ConfigFile.files(invocation.configFile())) {
            files.add(read.toString());
            lines.add(read.toString());
        }
        lines.add("the configuration is valid");
        invocation.console().result(node, lines);
    }

    static void show(Invocation invocation) throws FlipsideException {
        List<String> lines = new ArrayList<>();
        ObjectNode node = StrictJson.object();
        String section = "";
        for (ConfigValue value : ConfigFile.values(invocation.configFile())) {
            if (!section.equals(value.section())) {
                section = value.section();
                lines.add("[%s]".formatted(section));
            }
            lines.add("%s = %s  # %s".formatted(value.key(), value.value(), value.origin()));
            node.withObject("/" + value.section())
                    .putObject(value.key())
                    .put("value", value.value())
                    .put("origin", value.origin());
        }
        invocation.console().result(node, lines);
    }

    static void reload(Invocation invocation) throws FlipsideException, IOException {
        DaemonSocket daemon = DaemonSocket.require(invocation.socket());
        invocation.console().result(daemon.post("reload", StrictJson.object()));
    }
}
