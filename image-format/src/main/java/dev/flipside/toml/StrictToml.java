package dev.flipside.toml;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlFactory;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** TOML 1.0 as a tree; what is not UTF-8 or not TOML is refused with its line. */
public final class StrictToml {
    private static final TomlFactory FORMAT = new TomlFactory();

    private StrictToml() {}

    /**
     * Reads one document.
     *
     * @param what names the document in the failure
     */
    public static ObjectNode parse(byte[] bytes, String what) throws FlipsideException {
        try (JsonParser in = FORMAT.createParser(text(bytes))) {
            return JsonTree.read(in) instanceof ObjectNode object ? object : JsonTree.object();
        } catch (CharacterCodingException e) {
            throw malformed(what, "bytes that are not UTF-8", e);
        } catch (JsonProcessingException e) {
            String place =
                    e.getLocation() == null
                            ? ""
                            : ", line %d".formatted(e.getLocation().getLineNr());
            throw malformed(what + place, String.valueOf(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw malformed(what, String.valueOf(e.getMessage()), e);
        }
    }

    private static String text(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    private static FlipsideException malformed(String what, String found, Throwable cause) {
        return new FlipsideException(
                new Failure(FailureCode.CONFIG_INVALID, what, "TOML", found, "mend the file"),
                cause);
    }
}
