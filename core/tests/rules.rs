//! The rules of configuration, accounts and running clients: a table with a row for each, and what shows it.
//!
//! Some can only be shown elsewhere: how a redirect comes back, by paste or by a listener, and who opens the browser, in `tidal-redirect`;
//! that clients share connections, in the suite that spans crates (`shared_connections`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rules/accounts.rs"]
mod accounts;
#[path = "rules/apart.rs"]
mod apart;
#[path = "rules/configuration.rs"]
mod configuration;
#[path = "rules/doubts.rs"]
mod doubts;
#[path = "rules/given.rs"]
mod given;
#[path = "rules/histories.rs"]
mod histories;
#[path = "rules/late_sign_ins.rs"]
mod late_sign_ins;
#[path = "rules/left.rs"]
mod left;
#[path = "rules/names.rs"]
mod names;
#[path = "rules/others.rs"]
mod others;
#[path = "rules/pauses.rs"]
mod pauses;
#[path = "rules/persons.rs"]
mod persons;
#[path = "rules/removals.rs"]
mod removals;
#[path = "rules/running.rs"]
mod running;
#[path = "rules/scopes.rs"]
mod scopes;
#[path = "rules/sign_outs.rs"]
mod sign_outs;
#[path = "support/stage.rs"]
mod stage;
#[path = "rules/steps.rs"]
mod steps;
#[path = "rules/whose.rs"]
mod whose;

/// Makes a test of each row; what it says is the test's name for people, printed where it fails.
macro_rules! rules {
    ($($says:literal => $module:ident::$shows:ident;)*) => { $(
        #[test]
        fn $shows() {
            println!("{}", $says);
            $module::$shows();
        }
    )* };
}

rules! {
    // Configuration.
    "Every flow can be configured, and says what it lacks" => configuration::each_flow_says_what_it_lacks;
    "Client id and secret are the arguments', else the environment's, else those of the account used last for the flow"
        => accounts::id_and_secret_come_from_arguments_environment_or_the_account_used_last;
    "A secret that is stored for the client and the flow is taken too where only the id is given"
        => configuration::a_stored_secret_is_taken_for_an_id_that_is_given;
    "A store that fails is an error only where the flow needs what it could have told; otherwise an event tells"
        => configuration::a_store_that_fails_is_no_error_where_no_secret_is_needed;
    "The redirect URI is sent, comes back with the account, and is refused where it can be none"
        => configuration::the_redirect_uri_is_sent_and_checked;
    "Scopes are asked for, one by one, in order" => configuration::scopes_are_asked_for;
    "Tokens may be given: no sign-in is made; with a refresh token and an end they are renewed"
        => accounts::tokens_given_by_hand_are_used_and_renewed;
    "The type of a given token is sent with it" => configuration::the_token_type_is_sent;
    "An expiry is a time, or a text of ISO 8601 with its zone" => configuration::an_expiry_is_a_time_or_a_text;
    "The cache is on unless it is switched off" => configuration::the_cache_can_be_switched_off;
    "Tokens are stored and looked up unless that is switched off"
        => accounts::nothing_is_stored_or_looked_up_where_that_is_switched_off;
    "The user agent is sent with every request" => configuration::the_user_agent_is_sent_everywhere;
    "The service's addresses are public constants, and each can be another" => configuration::every_address_can_be_another;
    // Accounts.
    "A record holds all that the sign-in brought" => configuration::a_record_holds_all_of_a_sign_in;
    "The client secret is stored only where that is asked for"
        => accounts::the_client_secret_is_stored_only_where_that_is_asked_for;
    "A renewal by a client that was not told to keep the secret leaves the one that is kept"
        => accounts::a_secret_that_is_kept_outlives_a_renewal;
    "An account is found by client, flow and user; without a user, the one used last"
        => accounts::an_account_is_found_by_client_flow_and_user;
    "Where none is stored, a person signs in" => accounts::none_stored_means_that_a_person_signs_in;
    "A new account is stored under the name given, or the user's id in the token answer"
        => accounts::a_new_account_is_stored_under_the_user_id_or_the_name_given;
    "Where the token answer doesn't say who it is, the service is asked" => configuration::who_it_is_is_asked;
    "An empty name is as none" => configuration::an_empty_name_is_as_none;
    "A name may hold anything, and is compared as it is" => configuration::names_are_compared_as_they_are;
    "Client credentials have no user, and say so" => configuration::client_credentials_have_no_user;
    "A leading ~ skips the look-up, and the new account is stored under the rest"
        => accounts::a_tilde_skips_the_look_up_and_stores_under_the_rest;
    "With a ~ and a name, the account of that name is replaced, and no other; it is looked up again by the next client without a ~"
        => configuration::a_tilde_with_a_name_concerns_the_account_of_that_name;
    "With a ~ alone, every account that is stored stays" => configuration::a_tilde_alone_concerns_no_stored_account;
    "With a ~ alone, a sign-out before the sign-in concerns no stored account" => accounts::a_tilde_alone_signs_nobody_else_out;
    "So it does for client credentials, which sign in anew" => accounts::a_tilde_has_client_credentials_sign_in_anew;
    "A stored account that lacks a scope is not used silently: the missing ones are named"
        => scopes::an_account_that_lacks_a_scope_is_not_used_silently;
    "Neither is one that another program has signed in anew with fewer scopes meanwhile"
        => scopes::an_account_that_another_program_signed_in_with_fewer_scopes_is_not_adopted_silently;
    "Who was granted less from the start, and knows it, is not interrupted by that"
        => scopes::who_was_granted_less_goes_on_with_what_is_renewed_elsewhere;
    "Several accounts of one client live side by side" => configuration::accounts_live_side_by_side;
    "Stored tokens are listed and removed by flows, clients and users; all of them only by an explicit call"
        => accounts::several_accounts_and_filters;
    "Removing the account in use signs out" => accounts::removing_the_account_in_use_signs_out;
    "Scopes given with client credentials warn, and are not sent" => scopes::scopes_of_client_credentials_warn_and_are_not_sent;
    "Scopes are resolved by category, access or part; all public ones without any"
        => scopes::scopes_are_resolved_by_category_access_or_part;
    // Tokens that are given by hand.
    "An account remembers from which given tokens it descends, shows it to nobody and sends it nowhere"
        => given::an_account_remembers_its_first_tokens;
    "The same tokens at the next start: what was renewed since is used, and they are neither sent nor stored"
        => given::what_was_renewed_since_goes_before_the_same_tokens;
    "It is found whichever account was used last, whatever user is named" => given::it_is_found_whatever_was_used_since;
    "Other tokens at the next start are a new sign-in" => given::other_tokens_are_a_new_sign_in;
    "So it is for client credentials, which have no user" => given::an_application_gives_its_token_at_each_start;
    "Two programs that start at once with the same tokens, which have ended: one renewal, and both go on"
        => given::two_starts_at_once_make_one_renewal;
    "A store that can't be looked at is looked at again before anything is written or renewed"
        => given::a_store_that_fails_at_the_start_costs_no_sign_in;
    "Set on a running client, tokens replace what is stored, whatever that is" => given::set_on_a_running_client_they_replace_at_once;
    "Whose tokens they are is found out before they are stored: asked, or told by a token answer"
        => names::who_they_belong_to_is_found_out_before_they_are_stored;
    "With a user identifier, that is the name" => names::the_configured_name_is_taken_unasked;
    "What was stored without a name takes one that is configured later, even if the store can't be looked at first"
        => names::a_name_given_later_is_taken_by_what_was_stored_without_one;
    "Where it can't be told they are stored without a name, and nobody waits longer than for a save"
        => names::where_it_cannot_be_told_they_are_stored_without_a_name;
    "A name that is found out later leaves no double" => names::a_name_that_is_found_out_later_leaves_no_double;
    "Tokens that were replaced before the store could be looked at are not stored"
        => given::what_was_replaced_before_the_look_is_not_stored;
    "A sign-in without a name that has ended is not taken for another's that is stored"
        => names::a_nameless_sign_in_that_has_ended_is_nobody_elses;
    "What a process that died left without a name is removed, and nobody is told of a sign-out"
        => names::what_a_process_left_without_a_name_is_removed;
    "Another sign-in that is stored without a name stays" => names::another_sign_in_without_a_name_stays;
    "A sign-out does not wait until it is known who signs out" => names::a_sign_out_does_not_wait_for_the_name;
    "A save under the name that fails leaves no lease behind" => names::a_save_under_the_name_that_fails_leaves_no_lease;
    "A sign-out before the first call removes what descends from them, and nobody else's account"
        => given::a_sign_out_at_the_start_removes_what_descends_from_them_alone;
    "Where what descends from them lacks a scope, nobody else's account is used" => persons::nobody_else_is_used_where_a_scope_is_missing;
    "Two people without a name share no kept answer" => persons::two_without_a_name_share_no_answer;
    "Two people without a name keep their accounts" => persons::two_without_a_name_keep_their_accounts;
    "A later sign-in goes before the tokens of each start: of the same user, or where nothing can be done with them any more"
        => persons::a_later_sign_in_goes_before_the_tokens_of_each_start;
    "So does one that follows a sign-out" => persons::a_sign_in_after_a_sign_out_goes_before_them_too;
    "Another person's, while they work, does not" => persons::another_persons_sign_in_beside_them_does_not;
    "Given tokens that are rejected take nobody's place" => persons::dead_tokens_take_nobodys_place;
    "What has got a name is removed from where it had none, even if that fails at first"
        => persons::what_has_a_name_now_is_removed_even_if_that_fails_at_first;
    "A sign-out revokes what it has, and what somebody else has stored since"
        => persons::a_sign_out_revokes_what_is_stored_by_then;
    "A sign-out revokes given tokens even if the store can't be looked at"
        => left::given_tokens_are_revoked_even_if_the_store_cannot_be_looked_at;
    "A sign-out removes what was left without a name too" => left::a_sign_out_removes_what_was_left_without_a_name;
    "A save that is late does not outlive a sign-out" => left::a_late_save_does_not_outlive_a_sign_out;
    "A sign-out waits for whoever holds the place without a name, and others do not wait for that"
        => apart::a_sign_out_waits_for_whoever_holds_the_place_without_a_name;
    "A sign-out succeeds only if no save can land any more" => doubts::a_sign_out_succeeds_only_if_no_save_can_land;
    "A sign-out keeps out what could not be kept out before" => doubts::a_sign_out_keeps_out_what_could_not_be_kept_out_before;
    "A sign-out that is tried again finds the name too" => doubts::a_sign_out_that_is_tried_again_finds_the_name_too;
    "A sign-out takes along what the sign-in had come in place of"
        => doubts::a_sign_out_takes_along_what_the_sign_in_had_come_in_place_of;
    "A client that is configured anew keeps out a save of before"
        => sign_outs::a_client_that_is_configured_anew_keeps_out_a_save_of_before;
    "The same tokens under another name are signed out of too"
        => sign_outs::the_same_tokens_under_another_name_are_signed_out_of_too;
    "So they are where they are stored under two names"
        => sign_outs::tokens_that_are_stored_under_two_names_are_removed_from_both;
    "Even once the start has found one of these" => sign_outs::even_once_the_start_has_found_one_of_these;
    "Whoever turns out to be the account in use is signed out, whatever another sign-out removes just then"
        => sign_outs::whoever_is_found_is_signed_out_whatever_another_sign_out_removes;
    "What is left of somebody unknown is not taken for the account in use"
        => sign_outs::what_is_left_of_somebody_unknown_is_not_taken_for_the_account;
    "What is given again after a sign-out has begun stays" => sign_outs::what_is_given_again_after_a_sign_out_stays;
    "Tokens of others that wait to be stored are not lost by a sign-out"
        => sign_outs::nobody_elses_tokens_that_wait_to_be_stored_are_lost;
    "Tokens that are set again and signed out of are removed from under their name"
        => sign_outs::tokens_that_are_set_again_are_removed_from_under_their_name;
    "A sign-out takes along what has yet to be stored of the tokens in whose place the account has come"
        => sign_outs::what_the_account_came_in_place_of_is_not_stored_later;
    "A sign-out of the account in use fails as long as a save of it may land"
        => sign_outs::a_sign_out_of_the_account_in_use_fails_while_a_save_may_land;
    "A token is revoked once, however often its sign-out is tried"
        => sign_outs::a_token_is_revoked_once_however_often_its_sign_out_is_tried;
    "Who signs in during a sign-out is signed out by one of their own"
        => sign_outs::who_signs_in_during_a_sign_out_has_one_of_their_own;
    "A sign-out that is under way goes on while the client is closed"
        => sign_outs::a_sign_out_goes_on_while_the_client_is_closed;
    "Whoever is to sign in anew has nobody to sign out of: what waits to be stored of somebody before stays"
        => whose::whoever_is_to_sign_in_anew_takes_nobodys_unsaved_tokens;
    "So does what was stored after all" => whose::whoever_is_to_sign_in_anew_takes_nothing_that_was_stored_late;
    "A sign-out where nothing is stored takes nobody's tokens that wait to be stored"
        => whose::where_nothing_is_stored_nobodys_unsaved_tokens_go;
    "It ends, whatever is in doubt" => whose::where_nothing_is_stored_a_sign_out_ends;
    "A sign-out while a handler is asked leaves what others have to store"
        => whose::what_others_have_to_store_stays_while_a_handler_is_asked;
    "What waits to be stored under the name that given tokens have is signed out of with them"
        => whose::what_waits_to_be_stored_under_the_same_name_goes_too;
    "A sign-out that is tried again looks for the same tokens under other names too"
        => whose::each_try_looks_for_the_same_tokens_under_other_names;
    "A name that another process has found is signed out of, and so is what may land without one"
        => whose::a_name_that_another_process_found_goes_with_what_may_land_without_one;
    "A sign-out of tokens that were given again under another name fails as long as they may land under the first"
        => whose::a_sign_out_fails_while_the_same_tokens_may_land_under_another_name;
    "A sign-out at any step succeeds once the store works, and nothing comes back"
        => steps::a_sign_out_succeeds_at_any_step_once_the_store_works;
    "So does one of an application" => steps::an_application_signs_out_at_any_step_too;
    "So does a removal, and it leaves whoever has signed in since"
        => steps::a_removal_succeeds_at_any_step_and_leaves_whoever_signed_in_since;
    "Whatever happens in whatever order, what a sign-out or a removal meant is gone once it has succeeded"
        => histories::what_a_sign_out_or_a_removal_meant_is_gone_whatever_happens;
    "And nobody else is signed out" => others::a_sign_out_takes_nobody_else_whatever_happens;
    "What somebody else stored there stays" => doubts::what_somebody_else_stored_there_stays;
    "A late save is kept out once the store works again" => doubts::a_late_save_is_kept_out_once_the_store_works_again;
    "Tokens whose late save is kept out are stored anew" => doubts::what_is_kept_out_is_stored_anew;
    "A removal succeeds only if no save can land any more" => doubts::a_removal_succeeds_only_if_no_save_can_land;
    "What was replaced is not gone back to" => doubts::what_was_replaced_is_not_gone_back_to;
    "Nor is it after another configuration" => doubts::another_configuration_does_not_go_back_to_what_was_replaced;
    "A save does not wait for a renewal that is put off" => pauses::a_save_does_not_wait_for_a_renewal;
    "Nobody waits for somebody else's renewal" => pauses::nobody_waits_for_somebody_elses_renewal;
    "A store that hangs keeps nobody waiting for ever" => doubts::a_store_that_hangs_keeps_nobody_waiting_for_ever;
    "A removal keeps out a save of long ago" => doubts::a_removal_keeps_out_a_save_of_long_ago;
    "A lease that was not given back hides no save" => doubts::a_lease_that_was_not_given_back_hides_no_save;
    "Whoever acquired the account has kept the save out" => doubts::whoever_acquired_the_account_has_kept_the_save_out;
    "Over threads a removal says so too" => doubts::over_threads_a_removal_says_so_too;
    "A lease that is fenced holds up no sign-out" => apart::a_lease_that_is_fenced_holds_up_no_sign_out;
    "Somebody who signs in while given tokens are looked for does not come in their place"
        => apart::a_sign_in_while_given_tokens_are_looked_for_is_somebody_elses;
    "A sign-in waits for nobody who has left" => apart::a_sign_in_waits_for_nobody_who_has_left;
    "Rejected tokens are not sent again once a later sign-in has ended"
        => apart::rejected_tokens_are_not_sent_again_once_a_later_sign_in_has_ended;
    "A call of an unknown person waits for the sign-in that it asked for, and carries no other unknown person's token"
        => apart::a_call_waits_for_its_handler_and_for_nobody_else_unknown;
    "A removal that fails removes nothing else" => left::a_removal_that_fails_removes_nothing_else;
    "A store that never removes is left alone in the end" => left::a_store_that_never_removes_is_left_alone_in_the_end;
    "What is removed is the old configuration's" => left::the_removal_is_the_old_configurations;
    "What ended of unknown people does not pile up" => left::what_ended_of_unknown_people_does_not_pile_up;
    "What can be renewed is not replaced by given tokens that can't" => left::what_lasts_is_not_replaced_by_what_does_not;
    "To be found by given tokens is to be used" => left::to_be_found_by_given_tokens_is_to_be_used;
    "A call that waits for given tokens carries nobody else's" => left::a_call_for_given_tokens_carries_nobody_elses;
    "A sign-in that a handler brings lets the calls of an unknown person go on"
        => left::a_handlers_sign_in_lets_calls_of_an_unknown_person_go_on;
    // On a running client.
    "Tokens that are set replace the old ones with all that belongs to them"
        => accounts::setting_tokens_replaces_all_that_belongs_to_them;
    "Type, refresh token and end come along" => running::what_is_set_comes_along;
    "Another flow resets what it doesn't name" => accounts::another_flow_resets_what_it_does_not_name;
    "Client id and secret that it leaves out are filled in as at the start, and the error says what was looked at"
        => running::another_flow_is_filled_in_as_at_the_start;
    "Tokens that come with it are in place with it: no call in between finds another account"
        => running::tokens_of_another_flow_are_in_place_with_it;
    "It signs in when it is told to, or when a call needs it" => running::another_flow_signs_in_at_once_or_later;
    "No token where the flow needs one, a token where it has none, a refresh token where it has none: refused"
        => accounts::tokens_that_a_flow_does_not_have_are_refused;
    "When a token ends, client credentials sign in anew by themselves" => running::client_credentials_sign_in_anew;
    "Where only a person can sign in, calls say so" => running::a_person_is_needed;
    "Or the application's handler is asked" => running::the_handler_is_asked;
    "A sign-out ends a sign-in that is being finished: it is not adopted, and the service is asked no more"
        => late_sign_ins::a_sign_out_ends_a_sign_in_that_is_being_finished;
    "So does one where nobody is left to sign out" => late_sign_ins::so_does_one_where_nobody_is_left_to_sign_out;
    "So does another configuration: nothing that one client was granted goes to another's service"
        => late_sign_ins::another_configuration_ends_it;
    "A code for a device is asked about no more after either" => late_sign_ins::a_code_for_a_device_is_asked_about_no_more;
    "Of two sign-ins at once the one that is finished last counts"
        => late_sign_ins::of_two_sign_ins_at_once_the_one_that_is_finished_last_counts;
    "What another client was granted is refused" => late_sign_ins::what_another_client_was_granted_is_refused;
    "A code is for the authorization server that issued it: no other is sent it, or the verifier"
        => late_sign_ins::what_began_at_another_authorization_server_is_refused;
    "Over threads a sign-in ends so too" => late_sign_ins::over_threads_it_ends_too;
    "What was removed stays away, whatever was still to be saved of accounts that are in use no more"
        => removals::what_was_removed_stays_away;
    "So do given tokens that were still being looked for"
        => removals::given_tokens_that_are_being_looked_for_are_removed_too;
    "What was removed without a name does not come back without one" => removals::what_was_removed_without_a_name_gets_none_back;
    "A removal says what is in use" => removals::a_removal_says_what_is_in_use;
    "Events tell of changed tokens, of saving, of saving that failed, and of the end" => running::events_tell;
    "A closed client takes no calls until it is opened; what was sent may finish"
        => accounts::a_closed_client_takes_no_calls_until_it_is_opened;
    "Calls that wait end when it is closed; a token that was on its way is still kept"
        => running::closing_ends_who_waits_and_loses_no_token;
    "Closing a client closes no other on the same transport" => running::closing_closes_no_other;
}
