comment on column outcomes.stated is 'The amounts that the institution stated, for example credit=3.50: part of what makes two reports the same.';
drop table catalogue_reviews;
drop table catalogue_completion_rules;
drop table catalogue_modules;
alter table catalogue_versions
    drop constraint catalogue_versions_review_check,
    drop constraint catalogue_versions_subcategory_fkey,
    drop column review_grace_days,
    drop column review_months,
    drop column subcategory;
drop table catalogue_subcategories;
drop table level_mappings;
drop table level_frameworks;
