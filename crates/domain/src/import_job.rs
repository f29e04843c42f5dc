//! Jobs: what is to be done with a file that was handed in, and how long that still takes.

use crate::words::words;

words!(
    /// Where a job stands.
    ImportJobState, "the state of an import job", {
        /// Bytes of its file are missing.
        Receiving => "receiving",
        /// It waits for its turn, or has it.
        Queued => "queued",
        /// It was tried, and a second person has to say whether it is posted.
        AwaitingApproval => "awaiting_approval",
        /// Every line has its answer.
        Finished => "finished",
        /// The file as a whole was refused.
        Failed => "failed",
        /// Somebody asked for its end. What was posted by then stays.
        Cancelled => "cancelled",
        /// The second person said no.
        Declined => "declined",
    }
);

words!(
    /// How the lines of a file stand together.
    LinesTogether, "how lines stand together", {
        /// Good lines post and bad ones come back.
        Each => "each",
        /// Every line posts or none.
        AllOrNothing => "all_or_nothing",
    }
);

words!(
    /// What a second person says of a file that was tried.
    ApprovalVerdict, "the verdict on an import", {
        /// Post it.
        Approve => "approve",
        /// Do not.
        Decline => "decline",
    }
);

impl ImportJobState {
    /// Whether nothing more happens to it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Receiving | Self::Queued | Self::AwaitingApproval => false,
            Self::Finished | Self::Failed | Self::Cancelled | Self::Declined => true,
        }
    }
}

/// How far a job has come in the turn that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// How large the file is.
    pub byte_count: u64,
    /// How much of it lies behind.
    pub bytes_read: u64,
    /// How many lines lie behind.
    pub lines_read: u64,
    /// How many of them were done in this turn.
    pub turn_lines: u64,
    /// How long this turn has taken until then.
    pub turn_millis: u64,
}

impl Pace {
    /// Lines a second; none where nothing was done yet.
    #[must_use]
    pub fn lines_per_second(&self) -> Option<u64> {
        let lines = self.turn_lines.checked_mul(1_000)?;
        lines.checked_div(self.turn_millis).filter(|rate| *rate > 0)
    }

    /// Seconds until its end at this pace, the lines that are left being as long as the others.
    #[must_use]
    pub fn seconds_left(&self) -> Option<u64> {
        if self.turn_lines == 0 || self.bytes_read == 0 {
            return None;
        }
        let bytes_left = u128::from(self.byte_count.checked_sub(self.bytes_read)?);
        let lines_left =
            bytes_left.checked_mul(self.lines_read.into())? / u128::from(self.bytes_read);
        let millis = lines_left.checked_mul(self.turn_millis.into())? / u128::from(self.turn_lines);
        u64::try_from(millis.div_ceil(1_000)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_that_of_the_lines_left_at_the_pace_of_this_turn() {
        let pace = Pace {
            byte_count: 1_000,
            bytes_read: 250,
            lines_read: 50,
            turn_lines: 20,
            turn_millis: 4_000,
        };
        assert_eq!(pace.lines_per_second(), Some(5));
        // 750 bytes are 150 lines more, at five a second.
        assert_eq!(pace.seconds_left(), Some(30));
        let whole = Pace {
            bytes_read: 1_000,
            ..pace
        };
        assert_eq!(whole.seconds_left(), Some(0));
    }

    #[test]
    fn nothing_is_said_of_a_pace_that_is_not_known() {
        let begun = Pace {
            byte_count: 1_000,
            ..Pace::default()
        };
        assert_eq!(
            (begun.lines_per_second(), begun.seconds_left()),
            (None, None)
        );
        let huge = Pace {
            byte_count: u64::MAX,
            bytes_read: 1,
            lines_read: u64::MAX,
            turn_lines: 1,
            turn_millis: u64::MAX,
        };
        assert_eq!(huge.seconds_left(), None);
    }
}
