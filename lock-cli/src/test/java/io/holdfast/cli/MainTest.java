// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static io.holdfast.StoreFinding.Verdict.OK;
import static io.holdfast.StoreFinding.Verdict.UNKNOWN;
import static io.holdfast.StoreFinding.Verdict.UNSAFE;
import static io.holdfast.StoreFinding.Verdict.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockDeniedException;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.StoreFinding;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line in this process, mostly over {@code memory:}: what it refuses, says and returns (rule TO-1). */
class MainTest {
    private static final Stores NO_STORE = (options, report) -> {
        throw new AssertionError("wrong use must not reach a store");
    };

    private final String url = "memory:" + UUID.randomUUID();
    private final Map<String, String> environment = Map.of("PATH", "/usr/bin:/bin");
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream outBefore = System.out;
    private final PrintStream errBefore = System.err;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(outBefore);
        System.setErr(errBefore);
    }

    private int run(Stores stores, String... arguments) {
        return new Main(stores, environment).run(arguments);
    }

    private int run(String... arguments) {
        return run(new ConfiguredStores(), arguments);
    }

    private List<String> allSaid() {
        return err.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** Without the warning that every run over {@code memory:} begins with. */
    private List<String> said() {
        return allSaid().stream()
                .filter(line -> !line.contains("keeps no other process out"))
                .toList();
    }

    private List<String> answered() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "frobnicate",
                "run",
                "run name",
                "run name --",
                "run --frobnicate name true",
                "run --wait name true",
                "run --wait 5 name true",
                "run --wait -5s name true",
                "run --wait 5x name true",
                "run --wait 1s --no-wait name true",
                "run -v -q name true",
                "run --at-least 2 name true",
                "run --at-least 2s --at-most 1s name true",
                "run --at-most soon name true",
                "run --kill-after 5 name true",
                "run --lease 30 name true",
                "run -E 256 name true",
                "run -E -1 name true",
                "run -E busy name true",
                "run -c true name true",
                "run name -n true",
                "status",
                "status a b",
                "list a",
                "release",
                "release name",
                "release --force --if-token x name",
                "release --force --if-token 0 name",
                "release --force --if-token -5 name",
                "release --force --if-token 9223372036854775808 name",
                "tck a",
                "tck --url memory:x --level platinum",
                "tck"
            })
    void wrongUseIsOneLineAnd64(String line) {
        String[] arguments = line.isEmpty() ? new String[0] : line.split(" ");

        assertThat(run(NO_STORE, arguments)).isEqualTo(64);
        assertThat(said()).singleElement().asString().startsWith("holdfast: ");
        assertThat(answered()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "stauts name, 'stauts' is no command; did you mean 'status'?",
        "RUN name true, 'RUN' is no command; did you mean 'run'?",
        "help stauts, 'stauts' is no command; did you mean 'status'?",
        "rnu name true, 'rnu' is no command; did you mean 'run'?",
        "hlep, 'hlep' is no command; did you mean 'help'?",
        "frobnicate, 'frobnicate' is no command; the commands are run",
        "lst, 'lst' is no command; did you mean 'list'? The commands are run",
        "--url memory:x status name, unknown option '--url'; options go after the command",
        "run --wiat 5s name true, unknown option '--wiat'; did you mean '--wait'?",
        "status --frobnicate name, unknown option '--frobnicate'",
        "status a b, 'b' is one argument too many",
        "run, NAME is missing"
    })
    void wrongUseSaysWhatIsRight(String line, String said) {
        assertThat(run(NO_STORE, line.split(" "))).isEqualTo(64);
        assertThat(said()).singleElement().asString().contains(said);
        if (said.contains("is no command")) {
            assertThat(said().get(0)).contains("run, status, list, release, doctor, ddl, tck");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-child-exit-code name true, COMMAND's own exit code is always given",
        "-name=x name true, leave it out",
        "-n=3 name true, no semaphores",
        "-try=15s name true, --wait 15s",
        "-timeout 15s name true, --wait 15s",
        "-shell=false name true, without a shell",
        "-monitor-retry=5 name true, --lease",
        "--ttl=10 name true, --lease 10s",
        "--endpoints=a:1 name true, --url etcd://",
        "--nonblock name true, --no-wait",
        "-v --timeout 5 name true, --wait 5s",
        "-w 5s -x name true, every lock is exclusive",
        "-s name true, no shared locks",
        "--command true name, --shell"
    })
    void optionsOfOtherToolsAreAnsweredWithWhatIsMeant(String line, String said) {
        assertThat(run(NO_STORE, ("run " + line).split(" "))).isEqualTo(64);
        assertThat(said()).singleElement().asString().contains("is an option of", said);
    }

    @Test
    void optionsAfterNameAreCommandsOwn() {
        assertThat(run("run", "--url", url, "-c", "exit 3", "name")).isEqualTo(3);
        assertThat(run("run", "--url", url, "name", "test", "-x", "/bin/sh")).isZero();
        assertThat(run("run", "--url", url, "-c", "echo -name=x; exit 4", "name"))
                .isEqualTo(4);
    }

    @Test
    void aLineInOneWordIsToldFromACommand() {
        assertThat(run("run", "--url", url, "name", "/bin/echo a b")).isEqualTo(127);
        assertThat(said()).singleElement().asString().contains("holdfast run -c LINE NAME");
    }

    @ParameterizedTest
    @CsvSource({
        "help, holdfast ",
        "help run, holdfast run ",
        "help tck more, holdfast tck ",
        "run --help, holdfast run "
    })
    void helpIsShownHoweverItIsAskedFor(String line, String usage) {
        assertThat(run(NO_STORE, line.split(" "))).isZero();
        assertThat(answered().get(0)).startsWith("Usage: " + usage);
        assertThat(said()).isEmpty();
    }

    @Test
    void namesThatAreNoneAreRefusedBeforeAnyRequest() {
        for (String name : List.of("", "x".repeat(513), "\ud800")) {
            for (String command : List.of("run", "status", "release")) {
                String[] arguments =
                        switch (command) {
                            case "run" -> new String[] {"run", name, "true"};
                            case "status" -> new String[] {"status", name};
                            default -> new String[] {"release", "--force", name};
                        };
                err.reset();
                assertThat(run(NO_STORE, arguments)).as(command).isEqualTo(64);
                assertThat(said()).singleElement().asString().contains("lock name");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nosuch:x, no backend serves the scheme 'nosuch'",
        "memory:, names no store",
        "memory:x?leese=3s, lease",
        "memory:x?lease=3, has no unit",
        "'memory:x y', memory",
        "://, "
    })
    void aBadAddressIsOneLineAnd78(String address, String part) {
        assertThat(run("run", "--url", address, "name", "true")).isEqualTo(78);
        assertThat(said()).singleElement().asString().contains(part == null ? "" : part);
    }

    @Test
    void aLeaseOutOfRangeNamesTheRange() {
        assertThat(run("run", "--url", url, "--lease", "300d", "name", "true")).isEqualTo(78);
        assertThat(said()).singleElement().asString().contains("300d", "1d");
    }

    @Test
    void killMustFallBeforeTheLeaseEnds() {
        assertThat(run("run", "--url", url, "--lease", "20s", "--kill-after", "5001ms", "name", "true"))
                .isEqualTo(78);
        assertThat(said()).singleElement().asString().contains("5s");
    }

    @Test
    void aCommandThatIsNotThereNeedsNoLock() {
        assertThat(run(NO_STORE, "run", "name", "no-such-command")).isEqualTo(127);
        assertThat(run(NO_STORE, "run", "name", "/")).isEqualTo(126);
        assertThat(said()).hasSize(2);
    }

    @Test
    void anUnreachableStoreIs69AndRefusedCredentialsAre77() {
        Stores down = (options, report) -> {
            throw new LockUnavailableException("store x: not reached");
        };
        Stores strict = (options, report) -> {
            throw new LockDeniedException("store x: who are you");
        };
        for (String[] arguments :
                List.of(new String[] {"run", "name", "true"}, new String[] {"status", "name"}, new String[] {"list"})) {
            assertThat(run(down, arguments)).isEqualTo(69);
            assertThat(run(strict, arguments)).isEqualTo(77);
        }
        assertThat(said()).hasSize(6);
    }

    @Test
    void commandsExitCodeIsPassedOn() {
        assertThat(run("run", "--url", url, "name", "true")).isZero();
        assertThat(run("run", "--url", url, "name", "--", "sh", "-c", "exit 42"))
                .isEqualTo(42);
        assertThat(run("run", "--url", url, "-c", "kill -s KILL $$", "name")).isEqualTo(137);
        assertThat(said()).isEmpty();
    }

    @Test
    void aBusyLockIs75AndSaysWhoHasIt() throws InterruptedException {
        try (LockClient other = LockClient.open(LockConfig.of(url).withLabel("the-other"));
                LockHandle held = other.acquire("name")) {
            assertThat(run("run", "--url", url, "--no-wait", "name", "true")).isEqualTo(75);
            assertThat(run("run", "--url", url, "--wait", "50ms", "name", "true"))
                    .isEqualTo(75);
            assertThat(run("run", "--url", url, "--no-wait", "-E", "3", "-q", "name", "true"))
                    .isEqualTo(3);
            assertThat(held.isValid()).isTrue();
        }
        assertThat(said()).hasSize(2).allMatch(line -> line.contains("the-other"));
    }

    @Test
    void whoWaitsGetsTheLockWhenItIsFree() throws InterruptedException {
        try (LockClient other = LockClient.open(url)) {
            LockHandle held = other.acquire("name");
            Thread waiting = new Thread(() -> run("run", "--url", url, "--wait", "1m", "--json", "name", "true"));
            waiting.start();
            await().until(() -> other.lock("name").inspect().contenders() == 2);
            held.release();
            waiting.join();
        }
        assertThat(said()).extracting(MainTest::event).containsExactly("waiting", "acquired", "started", "released");
    }

    @Test
    void everythingIsOneEventALineInJson() {
        assertThat(run("run", "--url", url, "--json", "na\nme", "true")).isZero();

        assertThat(said()).extracting(MainTest::event).containsExactly("acquired", "started", "released");
        assertThat(said())
                .allMatch(line -> line.startsWith("{\"time\":\"") && line.contains("\"lock\":\"na\\u000ame\""));
    }

    private static String event(String line) {
        return line.replaceFirst(".*\"event\":\"([a-z]+)\".*", "$1");
    }

    @Test
    void controlCharactersOfANameAreNotPrinted() {
        assertThat(run("run", "--url", url, "-v", "a\u001b[31m\nb", "true")).isZero();

        assertThat(said()).hasSize(3).allMatch(line -> !line.contains("\u001b"));
        assertThat(said().get(0)).contains("'a\\u001b[31m\\u000ab'");
    }

    @Test
    void statusTellsByItsExitCodeOnlyWhenAsked() throws InterruptedException {
        try (LockClient other = LockClient.open(LockConfig.of(url).withLabel("the-other"))) {
            assertThat(run("status", "--url", url, "--check", "name")).isZero();
            LockHandle held = other.acquire("name");
            assertThat(run("status", "--url", url, "name")).isZero();
            assertThat(run("status", "--url", url, "--check", "name")).isEqualTo(75);
            assertThat(run("status", "--url", url, "--check", "-q", "name")).isEqualTo(75);
            assertThat(run("status", "--url", url, "--json", "name")).isZero();
            held.release();
        }
        assertThat(answered()).hasSize(4);
        assertThat(answered().get(0)).isEqualTo("name: free");
        assertThat(answered().get(1)).contains("held by the-other since ");
        assertThat(answered().get(3)).startsWith("{\"lock\":\"name\",\"held\":true,\"token\":");
    }

    @Test
    void listShowsWhatIsHeld() throws InterruptedException {
        try (LockClient other = LockClient.open(url);
                LockHandle first = other.acquire("first");
                LockHandle second = other.acquire("sec\nond")) {
            assertThat(run("list", "--url", url)).isZero();
            assertThat(first.isValid() && second.isValid()).isTrue();
        }
        assertThat(answered()).hasSize(2).anyMatch(line -> line.startsWith("sec\\u000aond: held by"));
    }

    @Test
    void doctorSaysWhatItSawAndTheWorstByItsExitCode(@TempDir Path directory) throws IOException {
        assertThat(run("doctor", "--url", url)).isZero();
        assertThat(run("doctor", "--url", "file:" + directory)).isEqualTo(1); // it is a temporary one
        Files.setAttribute(directory, "unix:mode", 01770); // a group may write, and only owners may remove
        assertThat(run("doctor", "--url", "file:" + directory)).isEqualTo(1);
        assertThat(run("doctor", "-q", "--url", "file:" + directory)).isEqualTo(1);
        assertThat(run("doctor", "--json", "--url", "file:" + directory + "?crash-grace=0s"))
                .isEqualTo(1);

        assertThat(answered().get(0)).startsWith("OK       reach: the clients of this JVM");
        assertThat(answered()).hasSize(1 + 3 * 5);
        assertThat(answered().get(2))
                .startsWith("WARNING  how long it stays: files that nobody has touched for some days");
        assertThat(answered().get(5)).isEqualTo("OK       crash-grace: 2s from the death of a holder to the next");
        assertThat(answered())
                .anyMatch(line -> line.startsWith("WARNING  who may write: ") && line.contains("; let only"));
        assertThat(answered())
                .anyMatch(line -> line.startsWith("{\"verdict\":\"WARNING\",\"subject\":\"crash-grace\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/not/there/yet"})
    void doctorMakesNoDirectory(String below, @TempDir Path directory) throws IOException {
        assertThat(run("doctor", "--url", "file:" + directory + below)).isEqualTo(1); // it is a temporary one

        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files).as("what is in the directory").containsExactly(directory);
        }
        assertThat(answered()).hasSize(below.isEmpty() ? 5 : 6);
        assertThat(answered().get(0)).contains(below.isEmpty() ? "file system: " : "the first lock makes it");
    }

    @Test
    void doctorSaysThatADirectoryCannotBeMade(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("a-file"));

        assertThat(run("doctor", "--url", "file:" + file + "/locks")).isEqualTo(ExitCode.UNSAFE);
        assertThat(answered()).anyMatch(line -> line.startsWith("UNSAFE   directory: ") && line.contains(file + ""));
    }

    @Test
    void ddlSaysThatAStoreNeedsNone() {
        assertThat(run("ddl", "--url", url)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(said()).singleElement().asString().contains(url, "nothing has to be made");
        assertThat(run("ddl", "--url", "jdbc:oracle:thin:x")).isEqualTo(ExitCode.CONFIG);
    }

    @Test
    void doctorRefusesWhatEveryCommandRefuses(@TempDir Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThat(run("doctor", "--url", "file:" + directory)).isEqualTo(ExitCode.DENIED);
        assertThat(run("doctor", "--url", "file:" + directory + "?crash-grase=1s"))
                .isEqualTo(ExitCode.CONFIG);
        assertThat(said()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"OK, 0", "WARNING, 1", "UNKNOWN, 3", "UNSAFE, 2"})
    void doctorsExitCodeIsThatOfTheGravestFinding(StoreFinding.Verdict worst, int exit) {
        List<StoreFinding> findings = new ArrayList<>();
        for (StoreFinding.Verdict verdict : List.of(OK, WARNING, UNKNOWN, UNSAFE)) { // the gravest last
            findings.add(new StoreFinding(verdict, "subject", "seen", "advice"));
            if (verdict == worst) {
                break;
            }
        }
        assertThat(DoctorCommand.exitCode(findings)).isEqualTo(exit);
    }

    @Test
    void releaseTakesTheLockOfAnother() throws InterruptedException {
        try (LockClient other = LockClient.open(LockConfig.of(url).withLabel("the-other"))) {
            LockHandle held = other.acquire("name");
            String token = Long.toString(held.fencingToken());
            String wrong = Long.toString(held.fencingToken() + 256);

            assertThat(run("release", "--url", url, "--force", "--if-token", wrong, "name"))
                    .isEqualTo(75);
            assertThat(run("release", "--url", url, "--force", "--if-token", token, "name"))
                    .isZero();
            assertThat(run("release", "--url", url, "--force", "name")).isEqualTo(1);
            assertThat(answered())
                    .hasSize(3)
                    .startsWith("name: not released, another holder has it by now")
                    .endsWith("name: nobody held it");
            assertThat(answered().get(1))
                    .startsWith("name: released; was held by the-other since ")
                    .endsWith(", token " + token
                            + "; it may go on until its next answered renewal, its deadline at the latest:"
                            + " up to 10s when all is well, if its lease is 30s as this command's");
        }
    }

    @Test
    void releaseSaysWhoseTheLockWas() throws InterruptedException {
        try (LockClient other = LockClient.open(LockConfig.of(url).withLabel("the-other"))) {
            String first = Long.toString(other.acquire("name").fencingToken());
            assertThat(run("release", "--url", url, "--lease", "6s", "--force", "name"))
                    .isZero();
            String second = Long.toString(other.acquire("name").fencingToken());
            assertThat(run("release", "--url", url, "--json", "--force", "name"))
                    .isZero();

            assertThat(answered().get(0))
                    .startsWith("name: released; was held by the-other since ")
                    .endsWith(", token " + first
                            + "; it may go on until its next answered renewal, its deadline at the latest:"
                            + " up to 2s when all is well, if its lease is 6s as this command's");
            assertThat(answered().get(1))
                    .contains("\"outcome\":\"RELEASED\"", "\"holder\":\"the-other\"", "\"token\":\"" + second + "\"")
                    .endsWith("\"hears_within_ms\":10000}");
        }
    }

    @Test
    void whereHoldsHaveNoDeadlineReleasePromisesNone(@TempDir Path directory) throws InterruptedException {
        String store = "file:" + directory;
        try (LockClient other = LockClient.open(store)) {
            other.acquire("name");
            assertThat(run("release", "--url", store, "--force", "name")).isZero();
        }
        assertThat(answered())
                .singleElement()
                .asString()
                .endsWith("; it may go on until its next answered renewal: up to 10s when all is well,"
                        + " if its lease is 30s as this command's");
    }

    @Test
    void releaseWithoutForceSaysHowLongTheHolderGoesOn() {
        assertThat(run(NO_STORE, "release", "name")).isEqualTo(64);
        assertThat(said())
                .singleElement()
                .asString()
                .contains(
                        "up to a third of its lease (10s of the usual 30s), and while its renewals get no answer until");
    }

    @ParameterizedTest
    @DisplayName("TO-8: a question makes no directory")
    @ValueSource(strings = {"status name", "status --check name", "list", "release --force name"})
    void aQuestionMakesNoDirectory(String line, @TempDir Path parent) throws IOException {
        Path mistyped = parent.resolve("mistyped/locks");
        List<String> words = new ArrayList<>(List.of(line.split(" ")));
        words.addAll(1, List.of("--url", "file:" + mistyped));
        assertThat(run(words.toArray(String[]::new))).isEqualTo(ExitCode.CONFIG);
        assertThat(said())
                .singleElement()
                .asString()
                .contains("store file:" + mistyped + ": there is no such directory");
        assertThat(answered()).isEmpty();
        assertThat(parent).isEmptyDirectory();

        Files.createDirectories(mistyped);
        boolean release = words.get(0).equals("release");
        assertThat(run(words.toArray(String[]::new))).isEqualTo(release ? ExitCode.NOT_HELD : ExitCode.OK);
        assertThat(answered())
                .isEqualTo(line.equals("list") ? List.of() : List.of(release ? "name: nobody held it" : "name: free"));
        assertThat(mistyped).isEmptyDirectory();
    }

    @Test
    void aQuestionIsAskedOfADirectoryThatHasLocks(@TempDir Path directory) throws InterruptedException {
        String store = "file:" + directory;
        try (LockClient other = LockClient.open(LockConfig.of(store).withLabel("the-other"))) {
            other.acquire("name");
            assertThat(run("status", "--url", store, "--check", "name")).isEqualTo(75);
            assertThat(run("list", "--url", store)).isZero();
            assertThat(run("release", "--url", store, "--force", "name")).isZero();
        }
        assertThat(answered()).hasSize(3).allMatch(line -> line.contains("held by the-other"));
    }

    /** The token is above 2^53, where jq and JavaScript round numbers. */
    @ParameterizedTest
    @ValueSource(strings = {"status", "list", "run"})
    void aTokenIsTextInJsonAndIsTakenAsItIsShown(String command) throws InterruptedException {
        String store = url + "?token-base=9007199254740993";
        try (LockClient other = LockClient.open(store)) {
            String[] arguments =
                    switch (command) {
                        case "status" -> new String[] {"status", "--url", store, "--json", "name"};
                        case "list" -> new String[] {"list", "--url", store, "--json"};
                        default -> new String[] {"run", "--url", store, "--json", "another", "true"};
                    };
            LockHandle held = other.acquire("name");
            assertThat(run(arguments)).isZero();
            String shown = Stream.concat(answered().stream(), said().stream())
                    .filter(line -> line.contains("\"token\":"))
                    .collect(Collectors.joining());
            assertThat(shown).containsPattern("\"token\":\"90071992547[0-9]+\"");

            String token = Long.toString(held.fencingToken());
            assertThat(run("release", "--url", store, "--force", "--if-token", "\"" + token + "\"", "name"))
                    .as("as jq without -r hands it on")
                    .isZero();
        }
    }

    @Test
    void aLockReleasedByForceEndsCommandWith79() throws InterruptedException {
        Thread releasing = new Thread(() -> {
            try (LockClient other = LockClient.open(url)) {
                await().until(() -> other.lock("name").forceUnlock());
            }
        });
        releasing.start();

        assertThat(run("run", "--url", url, "--lease", "3s", "name", "sleep", "1000"))
                .isEqualTo(79);
        releasing.join();
        assertThat(said())
                .as("one loss is told once")
                .singleElement()
                .asString()
                .startsWith("holdfast: lock 'name' was lost: ")
                .endsWith("; killing the command");
    }

    @Test
    void aLockThatTheStoreHadNoMoreAtItsReleaseIsAnError(@TempDir Path directory) {
        String store = "file:" + directory;
        String forget = "rm -rf '" + directory + "'/holdfast/names/*";

        assertThat(run("run", "--url", store, "--quiet", "name", "sh", "-c", forget))
                .isEqualTo(79);
        assertThat(said()).anyMatch(line -> line.startsWith("holdfast: lock 'name' was lost while the command ran"));
        assertThat(run("run", "--url", store, "--quiet", "name", "sh", "-c", forget + "; exit 3"))
                .as("the command's own failure tells more")
                .isEqualTo(3);
    }

    @Test
    void atMostEndsCommandWith124() {
        assertThat(run("run", "--url", url, "--at-most", "100ms", "name", "sleep", "1000"))
                .isEqualTo(124);
        assertThat(said()).hasSize(1);
    }

    @Test
    void atLeastKeepsTheLock() throws InterruptedException {
        Thread running = new Thread(() -> run("run", "--url", url, "--at-least", "700ms", "--json", "name", "true"));
        running.start();
        try (LockClient other = LockClient.open(url)) {
            await().until(() -> other.lock("name").isLocked());
            long start = System.nanoTime();
            other.acquire("name").release();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(300));
        }
        running.join();
        assertThat(said()).extracting(MainTest::event).containsExactly("acquired", "started", "released");
    }

    @Test
    void aStoreOfThisProcessAloneDrawsOneWarning(@TempDir Path directory) {
        assertThat(run("run", "--url", url, "name", "true")).isZero();
        assertThat(allSaid())
                .singleElement()
                .asString()
                .startsWith("holdfast: store " + url + " is inside this process: the lock keeps no other process out");

        err.reset();
        assertThat(run("run", "--quiet", "--url", url, "name", "true")).isZero();
        assertThat(run("run", "--url", "file:" + directory, "name", "true")).isZero();
        assertThat(run("status", "--url", url, "name")).isZero();
        assertThat(allSaid()).isEmpty();
    }

    @Test
    void aPasswordInTheAddressDrawsOneWarning() {
        assertThat(run("run", "--url", url + "?password=secret", "name", "true"))
                .isZero();

        assertThat(said()).singleElement().asString().contains("visible in ps").doesNotContain("secret");
    }
}
