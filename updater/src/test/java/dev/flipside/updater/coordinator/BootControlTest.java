package dev.flipside.updater.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.secureboot.FirmwareTrust;
import dev.flipside.boot.secureboot.SignatureDatabase;
import dev.flipside.boot.uki.AttributeCertificates;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.updater.boot.BootControl;
import dev.flipside.updater.boot.EspView;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.lifecycle.BootStanding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Release 2 was committed in slot B, with release 1 in slot A to fall back to. */
final class BootControlTest {
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-11-20T12:00:00Z"));
    private static final String ENTRIES = EspLayout.ENTRIES + "/";

    private final TestRepository repository =
            new TestRepository(
                    TestRelease.of("1", 1, true),
                    TestRelease.of("2", 1, true),
                    TestRelease.of("3", 1, true));
    private SmallHost host;
    private BootControl boot;

    @BeforeEach
    void updateOnce() throws IOException, FlipsideException {
        host = SmallHost.installed(repository, 1);
        repository.offer("2");
        host.bootUntilHealthy(CLOCK);
        Coordinator coordinator = host.coordinator(CLOCK);
        coordinator.stage(Optional.empty());
        coordinator.activate();
        host.bootUntilHealthy(CLOCK);
        boot = new BootControl(host.esp);
    }

    private Observation observe() throws IOException, FlipsideException {
        return host.effects().observe();
    }

    private void empty() throws IOException, FlipsideException {
        Observation observation = observe();
        boot.emptyInactiveSlot(observation.layout(), observation.system().sequence());
    }

    @Test
    void emptiesTheInactiveSlotAndNothingElse() throws Exception {
        host.esp.plant(ENTRIES + "windows.conf", bytes("efi /EFI/Microsoft/boot.efi\n"));
        host.esp.plant("EFI/Linux/other.efi", new byte[10]);
        empty();
        assertEquals(List.of("flipside-0000000004+3-0.conf", "windows.conf"), host.entryNames());
        assertTrue(host.esp.files().containsKey("EFI/Linux/other.efi"));
        assertTrue(host.esp.files().containsKey(image("2")));
        assertFalse(host.esp.files().containsKey(image("1")));
        empty();
        assertEquals(2, host.entryNames().size());
    }

    @Test
    void emptyingRemovesWhatNamesNoSlotAndWhatACrashHasLeft() throws Exception {
        host.esp.plant(
                ENTRIES + "flipside-0000000009+3-0.conf",
                bytes("sort-key flipside\nversion 0000000009\nefi /flipside/none.efi\n"));
        host.esp.plant(EspLayout.IMAGES + "/.tmp-1", new byte[100]);
        host.esp.plant(ENTRIES + ".tmp-2", new byte[1]);
        host.esp.plant(EspLayout.imagePath("9".repeat(64)), new byte[100]);
        empty();
        assertEquals(List.of("flipside-0000000004+3-0.conf"), host.entryNames());
        assertEquals(
                List.of(image("2")),
                host.esp.files().keySet().stream()
                        .filter(it -> it.startsWith(EspLayout.IMAGES + "/"))
                        .toList());
    }

    @Test
    void keepsAUkiThatAForeignEntryStarts() throws Exception {
        host.esp.plant(ENTRIES + "rescue.conf", bytes("efi /" + image("1") + "\n"));
        empty();
        assertTrue(host.esp.files().containsKey(image("1")));
    }

    @Test
    void refusesToEmptyWhenNothingWouldBootTheSlotThatRuns() throws Exception {
        host.esp.remove(ENTRIES + "flipside-0000000004+3-0.conf");
        FlipsideException e = assertThrows(FlipsideException.class, this::empty);
        assertEquals(FailureCode.ESP_MALFORMED, e.failure().code());
        assertEquals(List.of("flipside-0000000002+3-0.conf"), host.entryNames());
    }

    @Test
    void refusesToFlipToADamagedUki() throws Exception {
        byte[] uki = host.esp.files().get(image("1"));
        uki[uki.length - 1] ^= 1;
        host.esp.plant(image("1"), uki);
        Observation observation = observe();
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () ->
                                boot.createEntry(
                                        observation.layout(),
                                        SlotName.A,
                                        repository.release("1").candidate().reference(),
                                        FirmwareTrust.ofAnything()));
        assertEquals(FailureCode.DIGEST_MISMATCH, e.failure().code());
        assertEquals(2, host.entryNames().size());
    }

    @Test
    void refusesAUkiThatBootsAnotherImageThanItsRelease() throws Exception {
        TestRelease two = repository.release("2");
        var wrong =
                new dev.flipside.updater.lifecycle.ReleaseRef(
                        "demo", "3", "c".repeat(64), two.ukiDigest(), Optional.empty());
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () -> boot.requireUki(wrong, FirmwareTrust.ofAnything()));
        assertEquals(FailureCode.UKI_MALFORMED, e.failure().code());
    }

    @Test
    void repairsAUkiThatIsThereAndDamaged() throws Exception {
        TestRelease two = repository.release("2");
        host.esp.plant(image("2"), new byte[two.uki().length()]);
        boot.writeUki(
                two.candidate().reference(),
                sink -> sink.accept(ByteBuffer.wrap(two.uki().toByteArray())),
                FirmwareTrust.ofAnything());
        boot.requireUki(two.candidate().reference(), FirmwareTrust.ofAnything());
    }

    @Test
    void flipsToNoUkiThatTheFirmwareWouldRefuse() throws Exception {
        TestRelease one = repository.release("1");
        AttributeCertificates uki =
                AttributeCertificates.read(RandomAccess.of(one.uki().toByteArray()), "UKI");
        SignatureDatabase itsDigest =
                new SignatureDatabase(List.of(), Set.of(uki.sha256()), Set.of());
        SignatureDatabase nothing = SignatureDatabase.empty();
        boot.requireUki(one.candidate().reference(), new FirmwareTrust(true, itsDigest, nothing));
        Observation observation = observe();
        for (FirmwareTrust strange :
                List.of(
                        new FirmwareTrust(true, nothing, nothing),
                        new FirmwareTrust(true, itsDigest, itsDigest))) {
            FlipsideException e =
                    assertThrows(
                            FlipsideException.class,
                            () ->
                                    boot.createEntry(
                                            observation.layout(),
                                            SlotName.A,
                                            one.candidate().reference(),
                                            strange));
            assertEquals(FailureCode.SIGNATURE_INVALID, e.failure().code());
        }
        assertEquals(2, host.entryNames().size());
    }

    @Test
    void takesBothNamesThatATornRenameLeavesForOneEntry() throws Exception {
        byte[] content = host.esp.files().get(ENTRIES + "flipside-0000000004+3-0.conf");
        host.esp.remove(ENTRIES + "flipside-0000000004+3-0.conf");
        host.esp.plant(ENTRIES + "flipside-0000000003+2-1.conf", content);
        host.esp.plant(ENTRIES + "flipside-0000000003.conf", content);
        Observation observation = observe();
        assertEquals(BootStanding.GOOD, observation.standing());
        boot.armNextBoot(observation.layout(), 3);
        assertEquals(
                List.of("flipside-0000000002+3-0.conf", "flipside-0000000004+3-0.conf"),
                host.entryNames());
    }

    @Test
    void marksEveryNameOfAnEntryBad() throws Exception {
        byte[] content = host.esp.files().get(ENTRIES + "flipside-0000000004+3-0.conf");
        host.esp.plant(ENTRIES + "flipside-0000000004+2-1.conf", content);
        boot.markBad(4);
        assertEquals(
                List.of(
                        "flipside-0000000002+3-0.conf",
                        "flipside-0000000004+0-0.conf",
                        "flipside-0000000004+0-1.conf"),
                host.entryNames());
    }

    @Test
    void tellsHowFarABootHasBeenAccepted() throws Exception {
        EspView view = observe().esp();
        assertEquals(BootStanding.COMMITTED, view.standing(SlotName.B, OptionalLong.of(3), true));
        assertEquals(BootStanding.UNDER_TRIAL, view.standing(SlotName.B, OptionalLong.of(4), true));
        assertEquals(BootStanding.UNKNOWN, view.standing(SlotName.B, OptionalLong.of(5), true));
        assertEquals(BootStanding.UNKNOWN, view.standing(SlotName.B, OptionalLong.empty(), true));
    }

    /**
     * Nobody would judge such a boot, and nothing would fall back: it must not look like a trial.
     */
    @Test
    void saysThatALoaderDoesNotCountTheTrial() throws Exception {
        host.booted = booted(4, true);
        assertEquals(BootStanding.UNDER_TRIAL, observe().standing());
        host.booted = booted(4, false);
        assertEquals(BootStanding.UNCOUNTED, observe().standing());
        host.booted = booted(3, false);
        assertEquals(BootStanding.COMMITTED, observe().standing());
    }

    private BootedSystem booted(long sequence, boolean counted) {
        return new BootedSystem(
                host.booted.bootId(),
                host.booted.partitions(),
                OptionalLong.of(sequence),
                counted,
                Optional.empty(),
                Optional.empty(),
                false);
    }

    private String image(String version) {
        return EspLayout.imagePath(repository.release(version).ukiDigest());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
