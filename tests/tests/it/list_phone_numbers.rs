tests_of!(ListPhoneNumbers: any, list);
