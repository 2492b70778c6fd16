package dev.flipside.updater.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.slot.Progress.Phase;
import dev.flipside.updater.slot.Progress.Standing;
import dev.flipside.updater.slot.StageTally;
import java.util.Arrays;
import java.util.Optional;

/** How far the writing of a slot is, as commands print it and the event stream carries it. */
public final class ProgressJson {
    private ProgressJson() {}

    public static ObjectNode of(Standing standing) {
        StageTally tally = standing.tally();
        return StrictJson.object()
                .put("phase", standing.phase().code())
                .put("doneBlocks", standing.doneBlocks())
                .put("totalBlocks", standing.totalBlocks())
                .put("blocksInPlace", tally.blocksInPlace())
                .put("blocksReused", tally.blocksReused())
                .put("blocksFetched", tally.blocksFetched())
                .put("fetchedBytes", tally.fetchedBytes())
                .put("writtenBytes", tally.writtenBytes());
    }

    /** The reverse; empty for a phase that is not known here. */
    public static Optional<Standing> read(ObjectNode node) {
        return Arrays.stream(Phase.values())
                .filter(phase -> phase.code().equals(node.path("phase").asText()))
                .findFirst()
                .map(
                        phase ->
                                new Standing(
                                        phase,
                                        node.path("doneBlocks").asLong(),
                                        node.path("totalBlocks").asLong(),
                                        new StageTally(
                                                node.path("blocksInPlace").asLong(),
                                                node.path("blocksReused").asLong(),
                                                node.path("blocksFetched").asLong(),
                                                node.path("fetchedBytes").asLong(),
                                                node.path("writtenBytes").asLong())));
    }
}
