package dev.flipside.builder.sbom;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import dev.flipside.release.Identifiers;
import dev.flipside.release.Identifiers.Purpose;
import java.util.List;

/**
 * Writes an SBOM as CycloneDX 1.6 says (JSON form): the image is the component that the document is
 * about, its packages are the components.
 */
final class CycloneDxDocument {
    private CycloneDxDocument() {}

    static ObjectNode of(SbomSubject subject, List<ListedPackage> packages) {
        Identifiers names = subject.identifiers();
        ObjectNode document =
                StrictJson.object()
                        .put("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json")
                        .put("bomFormat", "CycloneDX")
                        .put("specVersion", "1.6")
                        .put(
                                "serialNumber",
                                "urn:uuid:"
                                        + names.uuid(Purpose.CYCLONEDX_SERIAL, subject.rootHash()))
                        .put("version", 1);
        ObjectNode metadata = document.putObject("metadata");
        metadata.put("timestamp", JsonFields.format(subject.created()));
        metadata.putObject("tools")
                .putArray("components")
                .addObject()
                .put("type", "application")
                .put("name", "flipside-image")
                .put("version", subject.builderVersion());
        image(metadata.putObject("component"), subject);
        ArrayNode components = document.putArray("components");
        for (ListedPackage one : packages) {
            component(components.addObject(), one);
        }
        return document;
    }

    private static void image(ObjectNode image, SbomSubject subject) {
        image.put("type", "operating-system")
                .put("bom-ref", "Image")
                .put("name", subject.identifiers().product())
                .put("version", subject.identifiers().version());
        image.putArray("hashes")
                .addObject()
                .put("alg", "SHA-256")
                .put("content", subject.image().sha256());
        ArrayNode properties = image.putArray("properties");
        property(properties, "flipside:file", subject.image().name());
        property(properties, "flipside:rootHash", subject.rootHash());
        property(properties, "flipside:architecture", subject.identifiers().architecture().code());
    }

    private static void component(ObjectNode node, ListedPackage listed) {
        InstalledPackage one = listed.installed();
        node.put("type", "library").put("bom-ref", listed.id());
        one.supplier().ifPresent(supplier -> supplier(node.putObject("supplier"), supplier));
        node.put("name", one.name()).put("version", one.fullVersion());
        license(node, one.license());
        node.put("purl", listed.url());
        one.source()
                .ifPresent(
                        source -> property(node.putArray("properties"), "flipside:source", source));
    }

    private static void supplier(ObjectNode node, InstalledPackage.Supplier supplier) {
        node.put("name", supplier.name());
        supplier.email()
                .ifPresent(
                        email ->
                                node.putArray("contact")
                                        .addObject()
                                        .put("name", supplier.name())
                                        .put("email", email));
    }

    /** A license of SPDX's list by its identifier, as readers look it up there. */
    private static void license(ObjectNode node, License license) {
        switch (license) {
            case License.Unknown() -> {}
            case License.Expression(String text, var references) -> {
                ObjectNode choice = node.putArray("licenses").addObject();
                if (SpdxIdentifiers.license(text).isPresent()) {
                    choice.putObject("license").put("id", text);
                } else {
                    choice.put("expression", text);
                }
            }
            case License.Named(String text) ->
                    node.putArray("licenses").addObject().putObject("license").put("name", text);
        }
    }

    private static void property(ArrayNode properties, String name, String value) {
        properties.addObject().put("name", name).put("value", value);
    }
}
