//! Programmes made of modules made of courses: either the parts count or the whole, never both.

/// Something with parts, of which some may be credited.
#[derive(Debug, Clone)]
pub(crate) struct Node<T> {
    /// What it is.
    pub(crate) value: T,
    /// It states credits.
    pub(crate) has_credit: bool,
    /// It states a result.
    pub(crate) has_result: bool,
    /// What it is made of.
    pub(crate) parts: Vec<Node<T>>,
}

impl<T> Node<T> {
    const fn is_credited(&self) -> bool {
        self.has_credit && self.has_result
    }

    /// True where something below it has result and credits of its own.
    fn has_credited_parts(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| part.is_credited() || part.has_credited_parts())
    }

    fn has_parts_with_results(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| part.has_result || part.has_parts_with_results())
    }

    /// What counts of it, in document order.
    ///
    /// Where parts have results and credits of their own, the parts count: the 120 credits of a
    /// programme are those of its courses. A lecture and a laboratory without credits are what the
    /// course above them is made of, and the course counts. Where nobody states credits, the
    /// deepest that state a result count, unless the whole states one.
    pub(crate) fn counted(self) -> Vec<T> {
        let by_parts = self.has_credited_parts()
            || !self.has_result && !self.has_credit && !self.parts.is_empty()
            || !self.has_result && self.has_parts_with_results();
        if by_parts {
            self.parts.into_iter().flat_map(Self::counted).collect()
        } else {
            vec![self.value]
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(
        name: &'static str,
        credit: bool,
        result: bool,
        parts: Vec<Node<&'static str>>,
    ) -> Node<&'static str> {
        Node {
            value: name,
            has_credit: credit,
            has_result: result,
            parts,
        }
    }

    #[test]
    fn a_programme_s_courses_count_and_a_course_s_lectures_do_not() {
        let lecture = || node("lecture", false, true, Vec::new());
        let course = node("course", true, true, vec![lecture(), lecture()]);
        let module = node(
            "module",
            true,
            true,
            vec![course, node("other", true, true, Vec::new())],
        );
        let programme = node("programme", true, false, vec![module]);
        assert_eq!(programme.counted(), ["course", "other"]);
    }

    #[test]
    fn a_course_without_credits_beside_credited_ones_is_not_lost() {
        let parts = vec![
            node("credited", true, true, Vec::new()),
            node("uncredited", false, true, Vec::new()),
        ];
        let programme = node("programme", true, true, parts);
        assert_eq!(programme.counted(), ["credited", "uncredited"]);
    }

    #[test]
    fn what_states_nothing_is_still_told() {
        assert_eq!(node("bare", false, false, Vec::new()).counted(), ["bare"]);
        let only_credit = node("planned", true, false, Vec::new());
        assert_eq!(only_credit.counted(), ["planned"]);
    }

    fn trees() -> impl Strategy<Value = Node<Vec<usize>>> {
        let shape = (any::<bool>(), any::<bool>());
        let leaf = shape.prop_map(|(has_credit, has_result)| Node {
            value: Vec::new(),
            has_credit,
            has_result,
            parts: Vec::new(),
        });
        leaf.prop_recursive(4, 24, 4, |inner| {
            let parts = proptest::collection::vec(inner, 0..4);
            (any::<bool>(), any::<bool>(), parts).prop_map(|(has_credit, has_result, parts)| Node {
                value: Vec::new(),
                has_credit,
                has_result,
                parts,
            })
        })
    }

    fn number(node: &mut Node<Vec<usize>>, place: &[usize], credited: &mut Vec<Vec<usize>>) {
        node.value = place.to_vec();
        if node.has_credit && node.has_result {
            credited.push(node.value.clone());
        }
        for (index, part) in node.parts.iter_mut().enumerate() {
            number(part, &[place, &[index]].concat(), credited);
        }
    }

    proptest! {
        #[test]
        fn of_any_tree_no_course_counts_beside_what_it_is_part_of(mut tree in trees()) {
            let mut credited = Vec::new();
            number(&mut tree, &[], &mut credited);
            let counted = tree.counted();
            prop_assert!(!counted.is_empty());
            for one in &counted {
                let above = counted.iter().filter(|other| one.starts_with(other));
                prop_assert_eq!(above.count(), 1);
            }
            // Every credited course is counted itself, or by its parts, or in what it is part of.
            for course in credited {
                let told = counted
                    .iter()
                    .any(|one| one.starts_with(&course) || course.starts_with(one));
                prop_assert!(told, "{:?} is lost", course);
            }
        }
    }
}
