// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** What a central repository asks of a POM, and what we ask of ours: that a user needs nothing beside it. */
final class PomRules {
    private static final List<String> WANTED = List.of(
            "name",
            "description",
            "url",
            "licenses/license/name",
            "licenses/license/url",
            "developers/developer/name",
            "scm/url",
            "scm/connection",
            "scm/developerConnection");

    private static final List<String> UNWANTED =
            List.of("parent", "repositories", "pluginRepositories", "distributionManagement", "build", "profiles");

    private final Element project;
    private final String text;
    private final List<String> faults = new ArrayList<>();

    private PomRules(Path pom) throws IOException {
        this.text = Files.readString(pom);
        this.project = parse(pom).getDocumentElement();
    }

    /**
     * What is wrong with a POM.
     *
     * @param pom the file as it would be published
     * @param artifact its name
     * @param version its version, and that of all that is ours
     * @return in words, empty when nothing is
     */
    static List<String> faults(Path pom, String artifact, String version) throws IOException {
        return new PomRules(pom).check(artifact, version);
    }

    private List<String> check(String artifact, String version) {
        WANTED.stream()
                .filter(path -> at(project, path).isBlank())
                .forEach(path -> faults.add("has no <" + path.replace("/", "><") + ">"));
        UNWANTED.stream()
                .filter(name -> child(project, name) != null)
                .forEach(name -> faults.add("has a <" + name + ">, which is none of a user's business"));
        expect("io.holdfast", at(project, "groupId"), "groupId");
        expect(artifact, at(project, "artifactId"), "artifactId");
        expect(version, at(project, "version"), "version");
        if (text.contains("${")) {
            faults.add("has a variable: "
                    + text.substring(text.indexOf("${")).lines().findFirst().orElse(""));
        }
        dependencies(project).forEach(dependency -> check(dependency, version));
        Element managed = child(project, "dependencyManagement");
        if (managed != null) {
            dependencies(managed).forEach(dependency -> check(dependency, version));
        }
        return faults;
    }

    private void check(Element dependency, String version) {
        String name = at(dependency, "groupId") + ":" + at(dependency, "artifactId");
        String theirs = at(dependency, "version");
        if (at(dependency, "groupId").equals("io.holdfast")) {
            expect(version, theirs, "version of " + name);
        } else if (theirs.isEmpty() || theirs.matches(".*(SNAPSHOT|[\\[\\](),]|LATEST|RELEASE).*")) {
            faults.add("depends on " + name + " in no fixed version: '" + theirs + "'");
        }
        if (at(dependency, "scope").matches("test|system")) {
            faults.add("depends on " + name + " in the scope " + at(dependency, "scope"));
        }
    }

    private void expect(String wanted, String found, String what) {
        if (!wanted.equals(found)) {
            faults.add("the " + what + " is '" + found + "', not '" + wanted + "'");
        }
    }

    /** The artifacts of ours that a BOM names. */
    static List<String> managed(Path bom) throws IOException {
        Element management = child(parse(bom).getDocumentElement(), "dependencyManagement");
        return management == null
                ? List.of()
                : dependencies(management).stream()
                        .map(dependency -> at(dependency, "artifactId"))
                        .filter(name -> name.startsWith("lock-"))
                        .toList();
    }

    /** The libraries that a POM names and that a program needs when it runs, as a bill of materials calls them. */
    static List<String> libraries(Path pom) throws IOException {
        return dependencies(parse(pom).getDocumentElement()).stream()
                .filter(dependency -> !at(dependency, "scope").equals("provided"))
                .map(dependency -> "pkg:maven/" + at(dependency, "groupId") + "/" + at(dependency, "artifactId") + "@"
                        + at(dependency, "version"))
                .toList();
    }

    static String url(Path pom) throws IOException {
        return at(parse(pom).getDocumentElement(), "url");
    }

    private static List<Element> dependencies(Element parent) {
        Element list = child(parent, "dependencies");
        return list == null ? List.of() : children(list);
    }

    /** The text at a path of names, or nothing. */
    private static String at(Element from, String path) {
        Element now = from;
        for (String name : path.split("/", -1)) {
            now = now == null ? null : child(now, name);
        }
        return now == null ? "" : now.getTextContent().strip();
    }

    private static Element child(Element parent, String name) {
        return children(parent).stream()
                .filter(child -> child.getNodeName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static List<Element> children(Element parent) {
        List<Element> children = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                children.add(element);
            }
        }
        return children;
    }

    private static Document parse(Path pom) throws IOException {
        try {
            return DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(pom.toFile());
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException(pom + " is no XML", e);
        }
    }
}
