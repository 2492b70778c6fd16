package dev.flipside.toml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** TOML 1.0 as a tree; what is not UTF-8 or not TOML is refused with its line. */
public final class StrictToml {
    private static final ObjectMapper MAPPER = new TomlMapper();

    private StrictToml() {}

    /**
     * Reads one document.
     *
     * @param what names the document in the failure
     */
    public static ObjectNode parse(byte[] bytes, String what) throws FlipsideException {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            JsonNode node = MAPPER.readTree(text);
            return node instanceof ObjectNode object ? object : MAPPER.createObjectNode();
        } catch (CharacterCodingException e) {
            throw malformed(what, "bytes that are not UTF-8", e);
        } catch (JsonProcessingException e) {
            String place =
                    e.getLocation() == null
                            ? ""
                            : ", line %d".formatted(e.getLocation().getLineNr());
            throw malformed(what + place, String.valueOf(e.getOriginalMessage()), e);
        }
    }

    private static FlipsideException malformed(String what, String found, Throwable cause) {
        return new FlipsideException(
                new Failure(FailureCode.CONFIG_INVALID, what, "TOML", found, "mend the file"),
                cause);
    }
}
