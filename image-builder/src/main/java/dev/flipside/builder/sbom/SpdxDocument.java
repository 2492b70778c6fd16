package dev.flipside.builder.sbom;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import dev.flipside.release.Identifiers;
import dev.flipside.release.Identifiers.Purpose;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/**
 * Writes an SBOM as SPDX 2.3 says (JSON form): the document describes the image, and the image
 * contains its packages. Licenses are those that the packages declare; nothing is concluded.
 */
final class SpdxDocument {
    private static final String NO_ASSERTION = "NOASSERTION";
    private static final String DOCUMENT = "SPDXRef-DOCUMENT";
    private static final String IMAGE = "SPDXRef-Image";
    private static final int NAME_BYTES = 8;

    /** What each {@code LicenseRef-…} in the document stands for. */
    private final TreeMap<String, String> references = new TreeMap<>();

    private SpdxDocument() {}

    static ObjectNode of(SbomSubject subject, List<ListedPackage> packages) {
        return new SpdxDocument().document(subject, packages);
    }

    private ObjectNode document(SbomSubject subject, List<ListedPackage> packages) {
        Identifiers names = subject.identifiers();
        ObjectNode document =
                StrictJson.object()
                        .put("spdxVersion", "SPDX-2.3")
                        .put("dataLicense", "CC0-1.0")
                        .put("SPDXID", DOCUMENT)
                        .put("name", names.product() + "_" + names.version())
                        .put(
                                "documentNamespace",
                                "urn:uuid:"
                                        + names.uuid(Purpose.SPDX_NAMESPACE, subject.rootHash()));
        ObjectNode creation = document.putObject("creationInfo");
        creation.put("created", JsonFields.format(subject.created()));
        creation.putArray("creators").add("Tool: flipside-image-" + subject.builderVersion());
        creation.put("licenseListVersion", SpdxIdentifiers.LIST_VERSION);
        ArrayNode list = document.putArray("packages");
        image(list.addObject(), subject);
        for (ListedPackage one : packages) {
            onePackage(list.addObject(), one);
        }
        if (!references.isEmpty()) {
            ArrayNode licenses = document.putArray("hasExtractedLicensingInfos");
            references.forEach(
                    (id, text) ->
                            licenses.addObject().put("licenseId", id).put("extractedText", text));
        }
        ArrayNode relationships = document.putArray("relationships");
        relationship(relationships, DOCUMENT, "DESCRIBES", IMAGE);
        for (ListedPackage one : packages) {
            relationship(relationships, IMAGE, "CONTAINS", id(one));
        }
        return document;
    }

    private static void image(ObjectNode image, SbomSubject subject) {
        image.put("name", subject.identifiers().product())
                .put("SPDXID", IMAGE)
                .put("versionInfo", subject.identifiers().version())
                .put("packageFileName", subject.image().name())
                .put("primaryPackagePurpose", "OPERATING_SYSTEM")
                .put("downloadLocation", NO_ASSERTION)
                .put("filesAnalyzed", false);
        image.putArray("checksums")
                .addObject()
                .put("algorithm", "SHA256")
                .put("checksumValue", subject.image().sha256());
        image.put("licenseConcluded", NO_ASSERTION)
                .put("licenseDeclared", NO_ASSERTION)
                .put("copyrightText", NO_ASSERTION)
                .put("comment", "dm-verity root hash: " + subject.rootHash());
    }

    private void onePackage(ObjectNode node, ListedPackage listed) {
        InstalledPackage one = listed.installed();
        node.put("name", one.name())
                .put("SPDXID", id(listed))
                .put("versionInfo", one.fullVersion())
                .put("supplier", one.supplier().map(SpdxDocument::supplier).orElse(NO_ASSERTION))
                .put("downloadLocation", NO_ASSERTION)
                .put("filesAnalyzed", false);
        one.source().ifPresent(source -> node.put("sourceInfo", "built from " + source));
        node.put("licenseConcluded", NO_ASSERTION)
                .put("licenseDeclared", license(one.license()))
                .put("copyrightText", NO_ASSERTION);
        node.putArray("externalRefs")
                .addObject()
                .put("referenceCategory", "PACKAGE-MANAGER")
                .put("referenceType", "purl")
                .put("referenceLocator", listed.url());
    }

    /** Clause 7.5; with an address it may be a person, which is what a maintainer is. */
    private static String supplier(InstalledPackage.Supplier supplier) {
        return supplier.email()
                .map(email -> "Person: " + supplier.name() + " (" + email + ")")
                .orElse("Organization: " + supplier.name());
    }

    private String license(License license) {
        return switch (license) {
            case License.Unknown() -> NO_ASSERTION;
            case License.Expression(String text, var of) -> {
                references.putAll(of);
                yield text;
            }
            case License.Named(String text) -> {
                String id = "LicenseRef-rpm-" + digest(text);
                references.put(id, text);
                yield id;
            }
        };
    }

    private static String digest(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, NAME_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String id(ListedPackage one) {
        return "SPDXRef-" + one.id();
    }

    private static void relationship(ArrayNode list, String from, String type, String to) {
        list.addObject()
                .put("spdxElementId", from)
                .put("relationshipType", type)
                .put("relatedSpdxElement", to);
    }
}
