//! Looking at a learner's account: what was shown, and why.

use crate::words::words;

words!(
    /// What of an account was shown.
    ReadKind, "what is read", {
        /// The balance, today's or an earlier one.
        Balance => "balance",
        /// The movements.
        Movements => "movements",
        /// The statement of a period.
        Statement => "statement",
        /// What could be converted where.
        Outlooks => "outlooks",
        /// A conversion request.
        ConversionRequest => "conversion_request",
        /// The evidence of a request, or what there is of it.
        Evidence => "evidence",
        /// A line of somebody's list of requests.
        RequestList => "request_list",
        /// A request that is being prepared.
        Draft => "draft",
        /// To whom the learner consented.
        Consents => "consents",
        /// Who read the account.
        Readings => "readings",
        /// Who helps the learner.
        Helpers => "helpers",
        /// What tells whether two accounts are one person's, or how they were joined.
        Duplicates => "duplicates",
    }
);

words!(
    /// Why somebody reads an account. A closed list, since free text would come to hold names.
    ReadPurpose, "a purpose", {
        /// To convert credits.
        Conversion => "conversion",
        /// To see whether the year's duty is met.
        AnnualRequirement => "annual_requirement",
        /// For a professional title.
        TitleReview => "title_review",
        /// To admit to a programme.
        Admission => "admission",
        /// To hire, or for somebody who is employed.
        Employment => "employment",
        /// To answer a question of the learner's.
        Support => "support",
        /// To inspect an institution.
        Inspection => "inspection",
    }
);
