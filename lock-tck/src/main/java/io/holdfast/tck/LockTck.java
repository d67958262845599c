// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The whole kit in one class: extend it, hand in a fixture, and run it as any JUnit test.
 *
 * <pre>{@code
 * class TheirLockTest extends LockTck {
 *     @Override
 *     protected LockBackendFixture fixture() {
 *         return () -> "their:scheme";
 *     }
 * }
 * }</pre>
 */
@SuppressWarnings("exports") // JUnit makes both; nobody else needs them
@DisplayNameGeneration(RuleNames.class)
@ExtendWith({ChosenTests.class, TckExtension.class})
public abstract class LockTck {
    /** The kit; JUnit makes it. */
    protected LockTck() {}

    /**
     * The store under test; called once a run.
     *
     * @return how to reach it; the kit closes it
     * @throws Exception when the store cannot be had, such as a {@code TestAbortedException} that says why
     */
    protected abstract LockBackendFixture fixture() throws Exception;

    @Nested
    class MutualExclusion extends MutualExclusionKit {}

    @Nested
    class Fencing extends FencingKit {}

    @Nested
    class Reentrancy extends ReentrancyKit {}

    @Nested
    class Loss extends LossKit {}

    @Nested
    class Kept extends KeptKit {}

    @Nested
    class Waiting extends WaitingKit {}

    @Nested
    class WaitLengths extends WaitLengthsKit {}

    @Nested
    class Interrupts extends InterruptsKit {}

    @Nested
    class VirtualThreads extends VirtualThreadsKit {}

    @Nested
    class HoldLimits extends HoldLimitsKit {}

    @Nested
    class Order extends OrderKit {}

    @Nested
    class Line extends LineKit {}

    @Nested
    class WakeUps extends WakeUpsKit {}

    @Nested
    class Answers extends AnswersKit {}

    @Nested
    class Close extends CloseKit {}

    @Nested
    class Opening extends OpeningKit {}

    @Nested
    class UnknownOutcome extends UnknownOutcomeKit {}

    @Nested
    class Outage extends OutageKit {}

    @Nested
    class Contract extends ContractKit {}

    @Nested
    class Basis extends BasisKit {}

    @Nested
    class Undo extends UndoKit {}

    @Nested
    class Copies extends CopiesKit {}

    @Nested
    class LateRequests extends LateRequestsKit {}

    @Nested
    class LineUndo extends LineUndoKit {}

    @Nested
    class Gone extends GoneKit {}

    @Nested
    class Names extends NamesKit {}

    @Nested
    class SimilarNames extends SimilarNamesKit {}

    @Nested
    class Beginnings extends BeginningsKit {}

    @Nested
    class Ids extends IdsKit {}

    @Nested
    class Housekeeping extends HousekeepingKit {}

    @Nested
    class Expiry extends ExpiryKit {}

    @Nested
    class Renewals extends RenewalsKit {}

    @Nested
    class Leases extends LeasesKit {}

    @Nested
    class Sharing extends SharingKit {}

    @Nested
    class Races extends RacesKit {}

    @Nested
    class Crash extends CrashKit {}

    @Nested
    class Forgotten extends ForgottenKit {}

    @Nested
    class Leaks extends LeaksKit {}

    @Nested
    class Budget extends BudgetKit {}

    @Nested
    class Errors extends ErrorsKit {}

    @Nested
    class Inquiries extends InquiriesKit {}

    @Nested
    class Inspect extends InspectKit {}

    @Nested
    class Group extends GroupKit {}

    @Nested
    class Faults extends FaultsKit {}

    @Nested
    class History extends HistoryKit {}
}
