pub mod status_200;
pub mod status_400;

tests_of!(GetCompany: any, show);
