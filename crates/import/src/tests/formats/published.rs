//! Documents of the shape of the published examples and schemas, people and courses made up: every
//! element in its place, prefixes, several languages, attachments, empty elements.

use serde_json::json;

use super::*;

fn beside() -> ReadOptions {
    ReadOptions {
        learner: Some(student("2024001")),
        ..options()
    }
}

const ELMO: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<!-- exported -->
<e:elmo xmlns:e="https://github.com/emrex-eu/elmo-schemas/tree/v2"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="urn:plus">
  <e:generatedDate>2026-07-01T12:00:00+02:00</e:generatedDate>
  <e:learner>
    <e:citizenship>PL</e:citizenship>
    <e:identifier type="nationalIdentifier">83041200000</e:identifier>
    <e:identifier type="ESI">urn:schac:personalUniqueCode:int:esi:example.edu:0042</e:identifier>
    <e:identifier type="studentNumber">0042</e:identifier>
    <e:givenNames>Jan Łukasz</e:givenNames><e:familyName>Przykład</e:familyName>
    <e:bday>1999-01-01</e:bday><e:gender>1</e:gender><e:placeOfBirth/>
    <e:flexibleAddress><e:recipientName>Jan</e:recipientName><e:country>PL</e:country></e:flexibleAddress>
  </e:learner>
  <e:report>
    <e:issuer><e:country>PL</e:country><e:identifier type="schac">example.edu</e:identifier>
      <e:title xml:lang="pl">Uczelnia</e:title><e:title xml:lang="en">University</e:title></e:issuer>
    <e:learningOpportunitySpecification>
      <e:identifier type="local">DEG</e:identifier><e:title xml:lang="en">Bachelor</e:title>
      <e:type>Degree Programme</e:type><e:subjectArea></e:subjectArea><e:iscedCode/>
      <e:url/><e:description/><e:descriptionHtml/>
      <e:specifies><e:learningOpportunityInstance>
        <e:start>2023-10-01</e:start>
        <e:credit><e:scheme>ECTS</e:scheme><e:value>180</e:value></e:credit>
        <e:level><e:type>EQF</e:type><e:description xml:lang="en">Bachelor</e:description><e:value>6</e:value></e:level>
        <e:attachments><e:attachment><e:content>data:application/pdf;base64,AAAA</e:content></e:attachment></e:attachments>
      </e:learningOpportunityInstance></e:specifies>
      <e:hasPart><e:learningOpportunitySpecification>
        <e:identifier type="ewp-los-id">CR/19560ed8</e:identifier>
        <e:identifier type="local">1000-BK</e:identifier>
        <e:title xml:lang="pl">Budowa &lt;b<![CDATA[r>]]></e:title><e:title xml:lang="en">Compilers</e:title>
        <e:type>Course</e:type>
        <e:specifies><e:learningOpportunityInstance>
          <e:identifier type="ewp-loi-id">CRI/1</e:identifier>
          <e:start>2025-10-01</e:start><e:date>2026-02-03+01:00</e:date>
          <e:academicTerm><e:title xml:lang="pl">Zimowy</e:title><e:title xml:lang="en">Winter</e:title>
            <e:start>2025-10-01</e:start><e:end>2026-02-15</e:end></e:academicTerm>
          <e:status>passed</e:status>
          <e:gradingSchemeLocalId>five</e:gradingSchemeLocalId>
          <e:resultLabel>B+</e:resultLabel>
          <e:shortenedGrading><e:percentageLower>30</e:percentageLower><e:percentageEqual>10</e:percentageEqual><e:percentageHigher>60</e:percentageHigher></e:shortenedGrading>
          <e:resultDistribution><e:category label="B+" count="9"/><e:description xml:lang="en">x</e:description></e:resultDistribution>
          <e:credit><e:scheme>ects</e:scheme><e:level>Master</e:level><e:value>6</e:value></e:credit>
          <e:credit><e:scheme>学分</e:scheme><e:value>3.0</e:value></e:credit>
          <e:level><e:type>EQF</e:type><e:value>7</e:value></e:level>
          <e:languageOfInstruction>en</e:languageOfInstruction><e:engagementHours>60.0</e:engagementHours>
          <e:extension><p:note><e:resultLabel>F</e:resultLabel></p:note></e:extension>
        </e:learningOpportunityInstance></e:specifies>
      </e:learningOpportunitySpecification></e:hasPart>
      <e:hasPart><e:learningOpportunitySpecification>
        <e:identifier type="local">1000-TS</e:identifier><e:title/>
        <e:specifies><e:learningOpportunityInstance>
          <e:academicTerm><e:title>S</e:title><e:end>2026-06-30</e:end></e:academicTerm>
          <e:status>failed</e:status><e:resultLabel/>
          <e:credit><e:scheme>ects</e:scheme><e:value>0</e:value></e:credit>
        </e:learningOpportunityInstance></e:specifies>
      </e:learningOpportunitySpecification></e:hasPart>
    </e:learningOpportunitySpecification>
    <e:issueDate>2026-07-01T07:00:00+02:00</e:issueDate>
    <e:gradingScheme localId="five"><e:description xml:lang="en">2 to 5</e:description></e:gradingScheme>
    <e:attachment><e:title xml:lang="en">Transcript</e:title><e:type>Transcript of Records</e:type>
      <e:content>data:application/pdf;base64,iiNhz6QfDnnDybjHLBF2</e:content></e:attachment>
  </e:report>
  <e:attachment/><e:groups><e:groupType id="1"><e:title>t</e:title><e:group id="1"/></e:groupType></e:groups>
  <e:extension/>
</e:elmo>"#;

#[test]
fn elmo_2_with_a_prefix_terms_levels_attachments_and_two_systems_of_credit() {
    let file = TestFile::new(ELMO);
    let lines = file.read().unwrap();
    let expected = [
        course("1000-BK", "B+", "2026-02-03", Some(300)),
        course("1000-TS", "not_passed", "2026-06-30", None),
    ];
    assert_eq!(courses(&lines), expected);
    assert_eq!(faults(&lines), []);
    let learner = &lines[0].report().unwrap().learner;
    assert_eq!(*learner, named("0042", "Jan Łukasz Przykład"));
    let result = result_of(&file, &options());
    for part in [
        "pl: Budowa <br> | en: Compilers",
        "pl: Zimowy | en: Winter",
        "ects | 学分",
    ] {
        assert!(result.contains(part), "{part} is missing in {result}");
    }
    assert!(
        !result.contains("83041200000"),
        "a foreign national number is nobody's here"
    );
    assert_comes_back(&file, &options());
}

#[test]
fn an_ewp_answer_with_grade_tables_beside_its_transcripts() {
    let one = ELMO.split_once("-->").unwrap().1;
    let file = TestFile::new(format!(
        "<t:tors-get-response xmlns:t=\"https://github.com/erasmus-without-paper/ewp-specs-api-tors/\
         blob/stable-v2/endpoints/get-response.xsd\"><t:tor><t:omobility-id>b1ab0888</t:omobility-id>\
         {one}<t:gradeConversionTable><t:gradeConversionTable><t:resultLabel>A</t:resultLabel>\
         </t:gradeConversionTable></t:gradeConversionTable></t:tor></t:tors-get-response>"
    ));
    let alone = TestFile::new(ELMO);
    assert_eq!(
        courses(&file.read().unwrap()),
        courses(&alone.read().unwrap())
    );
}

const PESC: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ColTrn:CollegeTranscript xmlns:ColTrn="urn:org:pesc:message:CollegeTranscript:v1.6.0"
  xmlns:AcRec="urn:org:pesc:sector:AcademicRecord:v1.9.0" xmlns:core="urn:org:pesc:core:CoreMain:v1.14.0">
  <TransmissionData><DocumentID>D1</DocumentID><CreatedDateTime>2026-06-01T09:00:00</CreatedDateTime>
    <DocumentTypeCode>StudentRequest</DocumentTypeCode><TransmissionType>Original</TransmissionType>
    <Source><Organization><OrganizationName>College</OrganizationName></Organization></Source>
    <Destination><Organization/></Destination></TransmissionData>
  <Student>
    <Person><SchoolAssignedPersonID>00071</SchoolAssignedPersonID><SSN>000000000</SSN>
      <Birth><BirthDate>1999-01-01</BirthDate></Birth>
      <Name><NamePrefix>Mx</NamePrefix><FirstName>Ann</FirstName><MiddleName>B</MiddleName><LastName>Example</LastName></Name>
      <AlternateName><FirstName>Anna</FirstName><LastName>Former</LastName></AlternateName>
      <Contacts/><Gender><GenderCode>Unreported</GenderCode></Gender></Person>
    <AcademicRecord>
      <School><OrganizationName>College</OrganizationName><OPEID>000000</OPEID></School>
      <StudentLevel><StudentLevelCode>CollegeFreshman</StudentLevelCode></StudentLevel>
      <AcademicAward><AcademicAwardLevel>2.4</AcademicAwardLevel><AcademicAwardDate>2026-05-20</AcademicAwardDate></AcademicAward>
      <AcademicSummary><AcademicSummaryType>All</AcademicSummaryType><GPA><GradePointAverage>3.5</GradePointAverage></GPA></AcademicSummary>
      <AcademicSession>
        <AcademicSessionDetail><SessionDesignator>2026-01</SessionDesignator><SessionName>Spring</SessionName>
          <SessionType>Semester</SessionType><SessionBeginDate>2026-01-12</SessionBeginDate><SessionEndDate>2026-05-15</SessionEndDate></AcademicSessionDetail>
        <StudentLevel/><AcademicProgram><AcademicProgramName>CS</AcademicProgramName></AcademicProgram>
        <Course>
          <CourseCreditBasis>Regular</CourseCreditBasis><CourseCreditUnits>Semester</CourseCreditUnits>
          <CourseCreditLevel>Undergraduate</CourseCreditLevel><CourseCreditValue>4.00</CourseCreditValue><CourseCreditEarned>4.00</CourseCreditEarned>
          <CourseAcademicGradeScaleCode>25</CourseAcademicGradeScaleCode><CourseAcademicGrade>A</CourseAcademicGrade>
          <CourseSupplementalAcademicGrade><CourseAcademicSupplementalGrade><CourseAcademicGrade>C</CourseAcademicGrade></CourseAcademicSupplementalGrade></CourseSupplementalAcademicGrade>
          <CourseQualityPointsEarned>16.00</CourseQualityPointsEarned><CourseLevel>LowerDivision</CourseLevel>
          <CourseCIPCode>27.0101</CourseCIPCode><CourseSubjectAbbreviation>MATH</CourseSubjectAbbreviation><CourseNumber>101</CourseNumber>
          <CourseSectionNumber>01</CourseSectionNumber><CourseTitle>Calculus &amp; more</CourseTitle><CourseBeginDate/>
          <NoteMessage>n</NoteMessage></Course>
        <Course><CourseCreditBasis>Regular</CourseCreditBasis><CourseCreditUnits>Semester</CourseCreditUnits>
          <CourseCreditValue>3.00</CourseCreditValue><CourseCreditEarned>0</CourseCreditEarned>
          <CourseAcademicGrade>F</CourseAcademicGrade><AgencyCourseID>AG2</AgencyCourseID><CourseTitle/><CourseEndDate>2026-05-01</CourseEndDate></Course>
        <AcademicSummary><GPA/></AcademicSummary>
      </AcademicSession>
    </AcademicRecord>
    <Health/><Tests><TestCode>X</TestCode><Subtest><Course/></Subtest></Tests>
  </Student>
  <NoteMessage>end</NoteMessage>
</ColTrn:CollegeTranscript>"#;

#[test]
fn pesc_1_6_with_awards_summaries_supplemental_grades_and_tests() {
    let file = TestFile::new(PESC);
    let lines = file.read().unwrap();
    let expected = [
        course("MATH 101", "A", "2026-05-15", Some(400)),
        course("AG2", "F", "2026-05-01", Some(0)),
    ];
    let read = courses(&lines);
    assert_eq!(read[0], expected[0]);
    assert_eq!(
        (&read[1].0, &read[1].1, &read[1].2),
        (&expected[1].0, &expected[1].1, &expected[1].2)
    );
    assert_eq!(
        (faults(&lines), lines.len()),
        (vec![], 2),
        "a test is no course"
    );
    let learner = &lines[0].report().unwrap().learner;
    assert_eq!(*learner, named("00071", "Ann B Example"));
    assert_comes_back(&file, &options());
}

fn exchange(version: &str, parts: [&str; 3]) -> TestFile {
    let [users, items, results] = parts;
    let manifest = format!(
        "\u{FEFF}propertyName,value\r\nmanifest.version,1.0\r\noneroster.version,{version}\r\n\
         file.academicSessions,bulk\r\nfile.results,bulk\r\nfile.demographics,absent\r\n\
         source.systemName,SIS\r\nsource.systemCode,1\r\n"
    );
    super::one_roster::exchange(&[
        ("manifest.csv", &manifest),
        (
            "orgs.csv",
            "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\r\no1,,,School,school,,\r\n",
        ),
        (
            "academicSessions.csv",
            "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\r\n\
            y1,,,2025-2026,schoolYear,2025-09-01,2026-07-15,,2026\r\nt1,,,2025-2026-1,term,2025-09-01,2026-01-20,y1,2026\r\n",
        ),
        (
            "courses.csv",
            "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes\r\n\
            c1,,,y1,\"Calculus, one\",M1,\"09,10\",o1,\"math,more\",\r\n",
        ),
        (
            "classes.csv",
            "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\r\n\
            k1,,,A,09,c1,A1,scheduled,,o1,\"t1\",,,\"1,3\"\r\n",
        ),
        ("users.csv", users),
        (
            "enrollments.csv",
            "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\r\ne1,,,k1,o1,u1,student,,,\r\n",
        ),
        (
            "categories.csv",
            "sourcedId,status,dateLastModified,title\r\ng1,,,Final Grade\r\ng2,,,Homework\r\n",
        ),
        ("lineItems.csv", items),
        ("results.csv", results),
    ])
}

const ITEMS: &str = "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax\r\n\
    i1,active,2026-01-20T00:00:00Z,Course,,2025-09-01,2026-01-20,k1,g1,t1,0.0,100.0\r\n\
    i2,active,2026-01-20T00:00:00Z,Sheet 1,,2025-09-01,2025-09-20,k1,g2,t1,0.0,10.0\r\n";

#[test]
fn oneroster_1_1_as_a_bulk_export_writes_it() {
    let users = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\r\n\
        u1,active,2026-01-20,true,o1,student,ann,\"{LDAP:u},{Local:1}\",Ann,Example,,0042,,,,,09,\r\n";
    let results = "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment\r\n\
        r1,active,2026-01-20,i1,u1,fully graded,88.000000,2026-01-18,\"well, done\"\r\n\
        r2,active,2026-01-20,i2,u1,fully graded,9.0,2025-09-21,\r\n\
        r3,active,2026-01-20,i1,u1,not submitted,,,\r\n";
    let lines = exchange("1.1", [users, ITEMS, results]).read().unwrap();
    assert_eq!(courses(&lines), [course("M1", "88.00", "2026-01-18", None)]);
    assert_eq!(
        lines[0].report().unwrap().learner,
        named("0042", "Ann Example")
    );
    assert_eq!(faults(&lines), [(2, vec!["GRADE_MISSING"])]);
}

#[test]
fn oneroster_1_2_names_roles_elsewhere_and_says_by_columns_what_is_still_open() {
    let users = "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,resourceSourcedIds,preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns\r\n\
        u1,,,true,ann,,Ann,Example,,,,,,,,,,,,,,o1,\r\n";
    let results = "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment,textScore,classSourcedId,inProgress,incomplete,late,missing\r\n\
        r1,,,i1,u1,fully graded,18,2026-01-18,,B+,k1,false,false,true,false\r\n\
        r2,,,i1,u1,fully graded,55,2026-01-18,,,k1,true,false,false,false\r\n\
        r3,,,i1,u1,fully graded,55,2026-01-18,,,k1,false,TRUE,false,false\r\n";
    let lines = exchange("1.2", [users, ITEMS, results]).read().unwrap();
    assert_eq!(courses(&lines), [course("M1", "B+", "2026-01-18", None)]);
    assert_eq!(
        lines[0].report().unwrap().learner,
        named("u1", "Ann Example")
    );
    assert_eq!(
        faults(&lines),
        [(2, vec!["RESULT_NOT_YET"]), (3, vec!["RESULT_NOT_YET"])]
    );
}

fn achievement(id: &str, code: &str, described: &serde_json::Value) -> serde_json::Value {
    json!({"id": id, "type": ["Achievement"], "humanCode": code, "name": code,
        "achievementType": "Course", "creditsAvailable": 4.0, "criteria": {"narrative": "…"},
        "description": "…", "resultDescription": described,
        "image": {"id": "data:image/png;base64,AAAA", "type": "Image"}})
}

fn credential(
    id: &str,
    code: &str,
    results: &serde_json::Value,
    described: &serde_json::Value,
) -> serde_json::Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": format!("urn:uuid:{code}"), "type": ["VerifiableCredential", "AchievementCredential"],
        "issuer": {"id": "https://example.edu", "type": ["Profile"], "name": "University"},
        "validFrom": "2026-06-30T00:00:00Z", "name": code,
        "credentialSubject": {"id": "did:example:1", "type": ["AchievementSubject"],
            "achievement": achievement(id, code, described), "creditsEarned": 4.0,
            "activityEndDate": "2026-06-20T00:00:00Z", "result": results},
        "credentialSchema": [{"id": "https://example.edu/s.json", "type": "1EdTechJsonSchemaValidator2019"}],
    })
}

#[test]
fn a_clr_2_with_typed_results_several_associations_and_an_endorsement() {
    let described = json!([
        {"id": "urn:gpa", "type": ["ResultDescription"], "name": "GPA", "resultType": "GradePointAverage", "valueMax": "4.0"},
        {"id": "urn:rubric", "type": ["ResultDescription"], "name": "R", "resultType": "RubricCriterionLevel",
            "rubricCriterionLevel": [{"id": "urn:l", "type": ["RubricCriterionLevel"], "name": "Mastered"}]},
        {"id": "urn:letter", "type": ["ResultDescription"], "name": "Final", "resultType": "LetterGrade",
            "allowedValue": ["A", "B", "F"], "requiredValue": "B"},
    ]);
    let results = json!([
        {"type": ["Result"], "resultDescription": "urn:gpa", "value": "3.7"},
        {"type": ["Result"], "resultDescription": "urn:rubric", "achievedLevel": "urn:l", "value": "Mastered"},
        {"type": ["Result"], "resultDescription": "urn:letter", "value": "A", "status": "Completed"},
    ]);
    let raw = json!([{"id": "urn:raw", "type": ["ResultDescription"], "resultType": "RawScore", "valueMax": "20"}]);
    let percent = json!([{"id": "urn:raw", "type": ["ResultDescription"], "resultType": "Percent", "valueMax": "100"}]);
    let of_raw = json!([{"type": ["Result"], "resultDescription": "urn:raw", "value": "18"}]);
    let endorsement = json!({"type": ["VerifiableCredential", "EndorsementCredential"],
        "credentialSubject": {"id": "urn:a", "type": ["EndorsementSubject"]}});
    let record = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"],
        "id": "urn:uuid:clr", "type": ["VerifiableCredential", "ClrCredential"], "partial": false,
        "issuer": {"id": "https://example.edu", "type": ["Profile"]}, "name": "Transcript",
        "validFrom": "2026-07-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:1", "type": ["ClrSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": true, "salt": "x", "identityHash": "sha256$00", "identityType": "sisSourcedId"},
                {"type": "IdentityObject", "hashed": false, "identityHash": "0042", "identityType": "sisSourcedId"},
            ],
            "achievement": [achievement("urn:a", "C1", &described)],
            "verifiableCredential": [
                credential("urn:p", "PROG", &json!([]), &json!([])),
                endorsement,
                credential("urn:a", "C1", &results, &described),
                credential("urn:b", "C2", &of_raw, &raw),
                credential("urn:c", "C3", &of_raw, &percent),
            ],
            "association": [
                {"type": "Association", "associationType": "isChildOf", "sourceId": "urn:a", "targetId": "urn:p"},
                {"type": "Association", "associationType": "isPartOf", "sourceId": "urn:b", "targetId": "urn:p"},
                {"type": "Association", "associationType": "isPartOf", "sourceId": "urn:b", "targetId": "urn:a"},
                {"type": "Association", "associationType": "isParentOf", "sourceId": "urn:p", "targetId": "urn:c"},
                {"type": "Association", "associationType": "precedes", "sourceId": "urn:a", "targetId": "urn:b"},
                {"type": "Association", "associationType": "isChildOf", "sourceId": "urn:none", "targetId": "urn:p"},
            ],
        },
    });
    let lines = TestFile::new(record.to_string()).read().unwrap();
    let expected = [
        course("C1", "A", "2026-06-20", Some(400)),
        course("C3", "18.00", "2026-06-20", Some(400)),
    ];
    assert_eq!(courses(&lines), expected);
    assert_eq!(
        faults(&lines),
        [(2, vec!["GRADE_UNKNOWN"])],
        "18 of 20 is not 18 of a hundred"
    );
    let unnamed = student("0042");
    assert_eq!(lines[0].report().unwrap().learner, unnamed);
}

#[test]
fn an_open_badge_3_that_stands_alone_names_its_result_or_is_a_pass() {
    let badge = |results: serde_json::Value| {
        let mut badge = credential("urn:a", "C1", &results, &json!([]));
        badge["type"] = json!(["VerifiableCredential", "OpenBadgeCredential"]);
        TestFile::new(serde_json::to_vec_pretty(&badge).unwrap())
    };
    let graded = badge(json!([{"type": ["Result"], "value": "87.5"}]));
    let expected = course("C1", "87.50", "2026-06-20", Some(400));
    assert_eq!(courses(&graded.read_with(&beside()).unwrap()), [expected]);
    let plain = badge(json!([]));
    let expected = course("C1", "passed", "2026-06-20", Some(400));
    assert_eq!(courses(&plain.read_with(&beside()).unwrap()), [expected]);
}
