// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The rights that the pages of stores ask for are those under which the tests of these stores run. */
class RightsTest {
    private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    private static String page(String store) {
        return Project.text(Project.root().resolve("docs/backends/" + store + ".md"));
    }

    /** A test's source, by its path below the module's own package. */
    private static String test(String store, String type) {
        String path = "lock-" + store + "/src/test/java/io/holdfast/" + store + "/" + type + ".java";
        return Project.text(Project.root().resolve(path));
    }

    /** A constant's text, which may stand in several parts. */
    private static String constant(String source, String name) {
        Matcher constant = Pattern.compile("String " + name + " =([^;]*);").matcher(source);
        assertThat(constant.find()).as(name).isTrue();
        return TEXT.matcher(constant.group(1))
                .results()
                .map(part -> part.group(1).replace("\\\"", "\""))
                .collect(Collectors.joining());
    }

    private static String onOneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    @Test
    void ofRedis() {
        String source = test("redis", "AclUserTckTest");
        assertThat(page("redis"))
                .contains("ACL SETUSER locker on >SECRET " + constant(source, "RIGHTS") + "\n")
                .contains("`" + constant(source, "LISTING").strip() + "` is for `list` alone");
    }

    @Test
    void ofConsul() {
        String least = constant(test("consul", "Policies"), "LEAST").replace("NODE", "app-");
        assertThat(onOneLine(page("consul"))).contains("```text " + least + " ```");
    }

    /** The kit runs as the user of a role for the keys that begin so. */
    @Test
    void ofEtcd() {
        Matcher role = Pattern.compile("withCredentials\\(\"([^\"]+)\"\\)").matcher(test("etcd", "RoleTckTest"));
        assertThat(role.find()).isTrue();
        assertThat(page("etcd")).contains("grant-permission --prefix=true locks readwrite " + role.group(1) + "\n");
        String recipe = "lock-lab/src/main/java/io/holdfast/lab/server/EtcdRecipe.java";
        assertThat(Project.text(Project.root().resolve(recipe))).contains("\\\"permType\\\":\\\"READWRITE\\\"");
    }

    /** Five letters are all rights that ZooKeeper has. */
    @Test
    void ofZooKeeper() {
        assertThat(test("zookeeper", "DigestTckTest")).contains("new ACL(ZooDefs.Perms.ALL, new Id(\"digest\", ");
        assertThat(page("zookeeper"))
                .contains("addauth digest locker:SECRET\ncreate /holdfast \"\" auth:locker:SECRET:cdrwa\n");
    }

    @Test
    void ofDatabases() {
        Matcher grant = Pattern.compile("GRANT ([A-Z, ]+) ON holdfast_locks TO").matcher(test("jdbc", "RefusalTest"));
        assertThat(grant.find()).isTrue();
        assertThat(page("jdbc")).contains("needs no more than `" + grant.group() + " …`");
    }
}
