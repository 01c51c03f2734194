"""What an archive holds, by 档发〔2012〕7号 and DA/T 93, and how it is written as a BagIt bag."""
