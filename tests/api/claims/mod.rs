//! Complaints under the contact notice.

mod data;
mod evidence;
mod filing;
mod following;
mod moves;
mod reports;
mod window;
