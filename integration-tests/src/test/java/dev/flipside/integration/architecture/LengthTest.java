package dev.flipside.integration.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A method fits a screen, and a file is about one thing. */
class LengthTest {
    private static final int MAX_FILE_LINES = 400;
    private static final int MAX_METHOD_LINES = 60;

    /** What may be longer, and why: {@code File.java} or {@code File.java#method}. */
    private static final Map<String, String> EXCEPTIONS =
            Map.of(
                    "ModuleRules.java#all",
                    "one list of rules, one after the other",
                    "CodeRules.java#all",
                    "one list of rules, one after the other");

    @TempDir Path folder;

    @Test
    void everyFileAndEveryMethodIsShortOrExplained() throws IOException {
        List<String> found = tooLong(House.sources());
        List<String> unexplained =
                found.stream().filter(line -> !EXCEPTIONS.containsKey(name(line))).toList();
        assertEquals(List.of(), unexplained, "split these");
    }

    @Test
    void everyExceptionIsStillNeeded() throws IOException {
        TreeSet<String> unneeded = new TreeSet<>(EXCEPTIONS.keySet());
        tooLong(House.sources()).forEach(line -> unneeded.remove(name(line)));
        assertTrue(unneeded.isEmpty(), () -> "take these off the list: " + unneeded);
    }

    @Test
    void findsALongMethodAndALongFile() throws IOException {
        String body = "x++;\n".repeat(MAX_METHOD_LINES);
        Path method = folder.resolve("A.java");
        Files.writeString(method, "class A { void a(int x) {\n" + body + "} }");
        Path file = folder.resolve("B.java");
        Files.writeString(file, "// B\n".repeat(MAX_FILE_LINES + 1));
        assertEquals(
                List.of("A.java#a: 62 lines", "B.java: 401 lines"), tooLong(List.of(method, file)));
    }

    private static String name(String line) {
        return line.substring(0, line.indexOf(':'));
    }

    private static List<String> tooLong(List<Path> sources) throws IOException {
        List<String> found = new ArrayList<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files =
                compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            JavacTask task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    files,
                                    problem -> {},
                                    List.of("-proc:none"),
                                    null,
                                    files.getJavaFileObjectsFromPaths(sources));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                String file = Path.of(unit.getSourceFile().getName()).getFileName().toString();
                long lines = unit.getSourceFile().getCharContent(true).toString().lines().count();
                if (lines > MAX_FILE_LINES) {
                    found.add("%s: %d lines".formatted(file, lines));
                }
                new LongMethods(file, unit, positions, found).scan(unit, null);
            }
        }
        return found;
    }

    /** Collects the methods of one file that are too long. */
    private static final class LongMethods extends TreeScanner<Void, Void> {
        private final String file;
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> found;

        LongMethods(
                String file,
                CompilationUnitTree unit,
                SourcePositions positions,
                List<String> found) {
            this.file = file;
            this.unit = unit;
            this.positions = positions;
            this.found = found;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            LineMap map = unit.getLineMap();
            long lines =
                    map.getLineNumber(positions.getEndPosition(unit, method))
                            - map.getLineNumber(positions.getStartPosition(unit, method))
                            + 1;
            if (lines > MAX_METHOD_LINES) {
                found.add("%s#%s: %d lines".formatted(file, method.getName(), lines));
            }
            return super.visitMethod(method, null);
        }
    }
}
